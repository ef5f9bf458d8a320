"""`python -m tests.cloud.strict`: the strict fake as a program; its port is the first line that it prints."""

from __future__ import annotations

import argparse

from tests.cloud.program import end_with_parent
from tests.cloud.strict.cloud import Cloud
from tests.cloud.strict.limits import parse_quota
from tests.cloud.strict.server import Server


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.cloud.strict", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 for any that is free")
    parser.add_argument("--delay-ms", type=float, default=0, help="how long every answer takes")
    parser.add_argument("--quota", nargs="*", default=[], help="such as PutParameter=3")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input does")
    arguments = parser.parse_args()
    quotas = tuple(parse_quota(text) for text in arguments.quota)
    server = Server(Cloud(arguments.delay_ms / 1000, quotas))
    if arguments.with_parent:
        end_with_parent()
    server.run(arguments.port, lambda port: print(port, flush=True))


if __name__ == "__main__":
    main()
