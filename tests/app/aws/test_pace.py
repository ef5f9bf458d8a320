from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.aws.pace import Pace, Permit, Phase
from app.aws.quotas import QUOTAS, Quota, quota_of
from tests.app.aws.limiters import Bucket, Fixed, Limiter, Run, Shared, Sliding, Unlimited, run

if TYPE_CHECKING:
    from collections.abc import Callable

LATENCY = 0.025
PUTS = quota_of("ssm", "PutParameter")
READS = quota_of("ssm", "GetParameters")


def pace(quota: Quota = PUTS, pool: int = 16) -> Pace:
    return Pace(quota, pool, Random(7))


def puts(limiter: Limiter, calls: int = 40, latency: float = LATENCY) -> Run:
    return run(pace(), limiter, calls, latency=latency)


LIMITERS = [
    pytest.param(lambda: Bucket(3), id="bucket"),
    pytest.param(lambda: Sliding(3), id="sliding window"),
    *(
        pytest.param(lambda turn=turn: Fixed(3, turn), id=f"fixed window, {turn:g} s left")
        for turn in (0.02, 0.03, 0.05, 0.1, 0.2, 0.33, 0.4, 0.46, 0.48, 0.5, 0.6, 0.8, 0.95, 1.0)
    ),
]


@pytest.mark.parametrize("limiter", LIMITERS)
def test_forty_puts_take_hardly_longer_than_any_limiter_allows_with_two_throttled(
    limiter: Callable[[], Limiter],
) -> None:
    ran = puts(limiter())
    assert ran.seconds <= 1.05 * (limiter().bound(40) + LATENCY)
    assert ran.throttled <= 2


@settings(max_examples=40)
@given(st.floats(0.02, 1.0), st.integers(5, 120), st.floats(0.002, 0.06))
def test_wherever_a_fixed_window_begins_two_calls_are_throttled_at_most(
    turn: float, calls: int, latency: float
) -> None:
    ran = puts(Fixed(3, turn), calls, latency)
    assert ran.throttled <= (2 if calls < 80 else 4)
    assert ran.seconds <= 1.1 * Fixed(3, turn).bound(calls) + 1.1


@settings(max_examples=40)
@given(st.integers(1, 60), st.integers(1, 200), st.floats(0.002, 0.2))
def test_a_sliding_window_is_used_up_and_hardly_ever_hit(rate: int, calls: int, latency: float) -> None:
    ran = run(pace(Quota("g", rate)), Sliding(rate), calls, latency=latency)
    probings = 1 + sum(ran.seconds > begin for begin in (30, 90, 210))  # as often was the limit looked for
    assert ran.throttled <= 2 * max(1, rate // 10) * probings
    fastest = max(Sliding(rate).bound(calls), calls * latency / 16)
    assert ran.seconds <= 1.1 * fastest + 1.5 + latency


@pytest.mark.parametrize(("latency", "lost"), [(0.025, 0.3), (0.01, 0.15), (0.1, 1.2)])
def test_without_a_limit_a_thousand_puts_lose_little_time_to_finding_out(latency: float, lost: float) -> None:
    ran = puts(Unlimited(), 1_000, latency)
    assert ran.throttled == 0
    assert ran.seconds <= 1_000 * latency / 16 + lost


def test_without_a_limit_a_thousand_reads_lose_little_time_to_finding_out() -> None:
    ran = run(pace(READS), Unlimited(), 1_000)
    assert ran.seconds <= 1_000 * LATENCY / 16 + 0.35


@pytest.mark.parametrize("burst", [3, 5, 8, 12])
def test_a_bucket_that_holds_more_than_a_second_costs_few_throttles_still(burst: int) -> None:
    ran = puts(Bucket(3, burst))
    assert ran.throttled <= 3
    assert ran.seconds <= 1.05 * 13.4


def test_a_higher_quota_is_found_and_used() -> None:
    ran = run(pace(), Bucket(100), 1_000)
    assert ran.seconds < 25
    assert ran.throttled < 40


@pytest.mark.parametrize("theirs", [1.0, 2.0])
def test_while_others_use_the_account_we_slow_down_and_leave_them_room(theirs: float) -> None:
    limiter = Shared(Bucket(3), theirs)
    ran = puts(limiter, 60)
    assert ran.throttled <= 0.6 * 60
    late = [at for at in ran.admitted if at > ran.seconds / 2]
    assert len(late) / (ran.seconds / 2) <= 3 - theirs + 0.3


def test_when_the_others_have_gone_the_rate_comes_back() -> None:
    ran = puts(Shared(Bucket(3), 2.0, until=20.0), 300)
    late = [at for at in ran.admitted if at > ran.seconds - 20]
    assert len(late) / 20 >= 0.85 * 3


def test_calls_within_the_published_rate_go_out_at_once() -> None:
    mine = pace()
    assert all(isinstance(mine.ask(0.0), Permit) for _ in range(3))


def test_beyond_it_one_call_is_in_flight_at_a_time() -> None:
    mine = pace()
    permits = [mine.ask(0.0) for _ in range(4)]
    assert all(isinstance(permit, Permit) for permit in permits)
    assert isinstance(mine.ask(0.0), float)


def test_a_service_that_asks_for_a_pause_gets_it() -> None:
    mine = pace(READS)
    permit = mine.ask(0.0)
    assert isinstance(permit, Permit)
    mine.refused(permit, 0.1, pause=4.0)
    said = mine.ask(0.2)
    assert said == pytest.approx(3.9)


def test_calls_that_no_answer_came_to_count_as_made() -> None:
    mine = pace()
    for _ in range(3):
        permit = mine.ask(0.0)
        assert isinstance(permit, Permit)
        mine.lost(permit, 5.0)
    probe = mine.ask(5.1)
    assert isinstance(probe, Permit)
    assert probe.beyond


def test_what_cannot_be_reached_is_not_paced_at_all() -> None:
    mine = pace(quota_of("secretsmanager", "GetSecretValue"))
    assert mine.phase is Phase.FREE
    assert all(isinstance(mine.ask(0.0), Permit) for _ in range(16))
    assert isinstance(mine.ask(0.0), float)


def test_an_unpublished_limit_is_approached_gently() -> None:
    ran = run(pace(quota_of("ssm", "DescribeParameters")), Bucket(10, 20), 200, callers=8)
    assert ran.throttled <= 25
    assert ran.seconds <= 40


def test_the_estimate_follows_what_was_learned() -> None:
    mine = pace()
    run(mine, Bucket(3), 20)
    assert mine.seconds(30) == pytest.approx(10, rel=0.1)


@settings(max_examples=40)
@given(
    st.sampled_from([quota for table in QUOTAS.values() for quota in table.values()]),
    st.integers(1, 30),
    st.integers(1, 150),
    st.integers(1, 32),
    st.sampled_from(["bucket", "sliding", "fixed", "shared"]),
)
def test_every_call_is_made_in_the_end_whatever_the_limit(
    quota: Quota, rate: int, calls: int, callers: int, kind: str
) -> None:
    limiters: dict[str, Limiter] = {
        "bucket": Bucket(rate),
        "sliding": Sliding(rate),
        "fixed": Fixed(rate, 0.5),
        "shared": Shared(Bucket(rate), rate * 0.6),
    }
    ran = run(pace(quota), limiters[kind], calls, callers=callers)
    assert len(ran.admitted) == calls
    assert ran.seconds <= 60 + 16 * calls / rate  # the waits after a refusal are drawn, some unluckily
