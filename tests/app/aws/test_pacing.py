from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from time import monotonic, sleep

import pytest

from app.aws.pacing import IN_FLIGHT, Pacer, pacer_of
from vault.errors import Cancelled


def test_no_more_calls_are_in_flight_than_there_are_connections() -> None:
    pacer, flying, most = Pacer("kms"), [0], [0]

    def call(_: int) -> None:
        permit = pacer.enter("Decrypt")
        flying[0] += 1
        most[0] = max(most[0], flying[0])
        sleep(0.005)
        flying[0] -= 1
        pacer.answered("Decrypt", permit)

    with ThreadPoolExecutor(40) as pool:
        list(pool.map(call, range(200)))
    assert most[0] == IN_FLIGHT


def test_groups_of_operations_do_not_wait_for_each_other() -> None:
    pacer = Pacer("ssm")
    for _ in range(4):
        pacer.enter("PutParameter")
    began = monotonic()
    pacer.enter("GetParameters")
    pacer.enter("DescribeParameters")
    assert monotonic() - began < 0.5


def test_who_waits_can_be_stopped_and_leaves_the_queue() -> None:
    pacer, stop = Pacer("ssm"), Event()
    permits = [pacer.enter("PutParameter") for _ in range(4)]
    stopped: list[bool] = []

    def wait() -> None:
        with pytest.raises(Cancelled):
            pacer.enter("PutParameter", stop.is_set)
        stopped.append(True)

    thread = Thread(target=wait)
    thread.start()
    stop.set()
    thread.join(5)
    assert stopped
    for permit in permits:
        pacer.answered("PutParameter", permit)
    pacer.answered("PutParameter", pacer.enter("PutParameter"))


def test_an_answer_wakes_who_waits_for_it() -> None:
    pacer = Pacer("ssm")
    permits = [pacer.enter("PutParameter") for _ in range(4)]
    entered = Event()

    def wait() -> None:
        pacer.enter("PutParameter")
        entered.set()

    thread = Thread(target=wait)
    thread.start()
    assert not entered.wait(0.15)
    pacer.answered("PutParameter", permits[3])
    assert entered.wait(5)
    thread.join()


def test_throttles_are_counted_and_slow_the_estimate() -> None:
    pacer = Pacer("ssm")
    before = pacer.seconds("PutParameter", 30)
    permits = [pacer.enter("PutParameter") for _ in range(4)]
    pacer.refused("PutParameter", permits[3])
    assert pacer.throttled == 1
    assert pacer.seconds("PutParameter", 30) > before


def test_clients_of_one_place_share_a_pacer_and_others_do_not() -> None:
    assert pacer_of(("111122223333", "eu-west-1"), "ssm") is pacer_of(("111122223333", "eu-west-1"), "ssm")
    assert pacer_of(("111122223333", "eu-west-1"), "ssm") is not pacer_of(
        ("111122223333", "us-east-1"), "ssm"
    )
