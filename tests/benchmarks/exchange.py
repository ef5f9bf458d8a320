"""The rows of the table that a sync with AWS answers, each beside bare concurrent calls in the same run."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

from tests.benchmarks import bare
from tests.benchmarks.clockwork import timed
from tests.benchmarks.library import Row
from tests.benchmarks.stub import PER_FOLDER, counting, name_of, synced
from vault.paths import ParameterPath
from vault.records import Draft, Service
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.benchmarks.stub import Stub, Synced

PARAMETERS, SECRETS, PUTS, FEW_PUTS = 10_000, 1_000, 1_000, 40
FEW = 2_000  # parameters that the memory of all is held against
LARGE = 4_000  # bytes of a value there
RUNS = 3
PUT_RATE, READ_RATE = 3, 40  # AWS's defaults, calls a second
LIMITERS = ("bucket", "sliding", "fixed")
VALUE = "v" * 32


class Beside(NamedTuple):
    """One of our runs, and the bare one right after it."""

    ours: float  # seconds
    bare: float
    calls: dict[str, int]  # ours


def rows() -> Iterator[Row]:
    with counting() as stub:
        yield from pulls(stub)
        yield secrets(stub)
        yield from pushes(stub)
        for limiter in LIMITERS:
            yield quota(stub, limiter)
    yield memory()


def pulls(stub: Stub) -> Iterator[Row]:
    """A first pull, a sync with nothing to do, a pull of everything changed; in one vault after another."""
    ssm = bare.client(stub, "ssm")
    folders = [name_of(number).rpartition("/")[0] for number in range(0, PARAMETERS, PER_FOLDER)]
    first, same, changed, batches = [], [], [], []
    for _ in range(RUNS):
        stub.reset()
        stub.server.fill(parameters=PARAMETERS)
        with synced(stub) as ours:
            first.append(beside(stub, ours.sync, lambda: bare.pull_parameters(ssm)))
            same.append(beside(stub, ours.sync, lambda: bare.list_parameters(ssm)))
            stub.server.fill(parameters=PARAMETERS, again=True)
            changed.append(beside(stub, ours.sync, lambda: bare.pull_folders(ssm, folders)))
            batches.append(timed(lambda: bare.pull_parameters(ssm)))
    yield told("first pull, 10,000 parameters", 1.2, first)
    row = told("later pull, 10,000 parameters, all changed", 1.2, changed)
    seconds = min(run.ours for run in changed)
    yield row._replace(figure=f"{row.figure}; {seconds / min(batches):.2f} × with a complete listing")
    yield told("sync with nothing changed, 10,000 parameters", 1.2, same)


def secrets(stub: Stub) -> Row:
    client = bare.client(stub, "secretsmanager")
    runs = []
    for _ in range(RUNS):
        stub.reset()
        stub.server.fill(secrets=SECRETS)
        with synced(stub, Service.SECRETS_MANAGER) as ours:
            runs.append(beside(stub, ours.sync, lambda: bare.pull_secrets(client)))
    return told("pull of 1,000 secrets", 1.3, runs)


def pushes(stub: Stub) -> Iterator[Row]:
    """Applying a plan of 1,000 pushes: new parameters, then new versions of them."""
    ssm = bare.client(stub, "ssm")
    made: list[Beside] = []
    written: list[Beside] = []
    for _ in range(RUNS):
        stub.reset()
        with synced(stub) as ours:
            for overwrite, runs in ((False, made), (True, written)):
                names = [name_of(number) for number in range(PUTS)]
                drafted(ours, names, overwrite=overwrite)
                plan = ours.plan()
                others = names if overwrite else [f"/bare{name}" for name in names]
                runs.append(
                    beside(
                        stub,
                        lambda plan=plan: ours.apply(plan),  # type: ignore[misc]
                        lambda others=others, overwrite=overwrite: bare.put_parameters(  # type: ignore[misc]
                            ssm, others, VALUE, overwrite=overwrite
                        ),
                    )
                )
    yield told("push of 1,000 new parameters", 1.2, made)
    yield told("push of 1,000 new versions", 1.2, written)


def quota(stub: Stub, limiter: str) -> Row:
    """40 puts where the stub enforces AWS's default rates; the bound is what the limiter lets through."""
    reads = "GetParameter,GetParameters,GetParametersByPath"
    stub.reset(f"PutParameter={PUT_RATE}:{limiter}", f"{reads}={READ_RATE}:{limiter}")
    with synced(stub) as ours:
        drafted(ours, [name_of(number) for number in range(FEW_PUTS)])
        plan = ours.plan()
        stub.calls()
        seconds = timed(lambda: ours.apply(plan))
        throttled = sum(stub.server.counts()["throttled"].values())
    bound = (FEW_PUTS - PUT_RATE) / PUT_RATE if limiter == "bucket" else (FEW_PUTS - 1) // PUT_RATE
    ratio = seconds / bound
    figure = f"{ratio:.3f} × ({seconds:.2f} s / {bound:.2f} s), {throttled} throttled"
    good = ratio <= 1.05 and throttled <= 2
    return Row(f"40 puts, 3 a second ({limiter})", "≤ 1.05 × the bound, ≤ 2 throttled", figure, good, ratio)


def memory() -> Row:
    """How much the highest memory of a process grows with what it pulls: the plan does, values must not."""

    def highest(parameters: int) -> float:
        command = [sys.executable, "-m", "tests.benchmarks.pulling", str(parameters), str(LARGE)]
        return min(float(subprocess.check_output(command)) for _ in range(2))

    few, many = highest(FEW), highest(PARAMETERS)
    each = (many - few) * 1024 / (PARAMETERS - FEW)
    figure = f"{few:.0f} MB with 2,000, {many:.0f} MB with 10,000: {each:.1f} KB an entry"
    return Row("memory, 10,000 values of 4,000 bytes pulled", "≤ 2 KB an entry", figure, each <= 2, each)


def beside(stub: Stub, ours: Callable[[], object], raw: Callable[[], object]) -> Beside:
    stub.calls()
    mine = timed(ours)
    calls = stub.calls()
    return Beside(mine, timed(raw), calls)


def drafted(ours: Synced, names: list[str], *, overwrite: bool = False) -> None:
    """New entries, or new versions of entries, that wait to be pushed."""
    text = f"{VALUE}{'again' if overwrite else ''}"
    drafts = [Draft(ParameterPath(name), Secret.of_text(text), overwrite=overwrite) for name in names]
    ours.vault.entries.put_many(drafts)


def told(name: str, most: float, runs: list[Beside]) -> Row:
    """The best run of each side: both wait for answers, and what disturbs them only ever adds."""
    mine, limit = min(run.ours for run in runs), min(run.bare for run in runs)
    calls = ", ".join(f"{count:,} {operation}" for operation, count in runs[0].calls.items())
    figure = f"{mine / limit:.2f} × ({mine:.2f} s / {limit:.2f} s), {calls}"
    return Row(name, f"≤ {most} × bare", figure, mine / limit <= most, mine)
