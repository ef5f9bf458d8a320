"""`python -m tests.benchmarks.pulling COUNT SIZE`: highest memory, in MB, of a process that pulls so many.

The database's page cache, which has a bound of its own, is kept small, so that it hides nothing.
"""

from __future__ import annotations

import sys

from tests.benchmarks.stub import counting, synced


def main(parameters: int, size: int) -> None:
    with counting(delay=0) as stub:
        stub.reset()
        stub.server.fill(parameters=parameters, size=size)
        with synced(stub) as ours:
            ours.vault.interior.database.rows("PRAGMA cache_size = -1000")
            ours.sync()
    with open("/proc/self/status", encoding="ascii") as status:
        print(next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
