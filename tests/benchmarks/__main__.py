"""`python -m tests.benchmarks [SIZE …] [sync]`: measure vaults of these many entries, and a sync with AWS.

Without arguments all of it. Prints a table each.
"""

from __future__ import annotations

import sys

from tests.benchmarks import exchange, filling, library, lists, processes
from tests.benchmarks.library import Row, Subject

SIZES = (1_000, 100_000, 1_000_000)
NAMED = 100_000
GROWTH = {
    "unlock beyond the KDF, first page": "unlock",
    "get, its audit event durable": "get",
    "put one new version, durable": "put",
    "search as you type, first 50: median, p95": "search",
}


SYNC = "sync"


def main(arguments: list[str]) -> int:
    sizes = [int(argument.replace(",", "")) for argument in arguments if argument != SYNC]
    good = vaults(sizes or list(SIZES)) if sizes or not arguments else True
    if SYNC in arguments or not arguments:
        good &= syncs()
    return 0 if good else 1


def syncs() -> bool:
    """The rows of a sync."""
    rows = [told(row) for row in exchange.rows()]
    print("| | reach | |")
    print("| --- | --- | --- |")
    for row in rows:
        print(f"| {row.name} | {row.reach} | {MARKS[row.good]} {row.figure} |")
    return all(row.good is not False for row in rows)


def vaults(sizes: list[int]) -> bool:
    """The rows of a vault, a column for each size."""
    columns = {}
    empty, _ = filling.filled(0)
    for entries in sizes:
        say(f"{entries:,} entries: filling")
        subject = Subject(entries)
        say(f"{entries:,} entries: filled in {subject.fill_seconds:.1f} s")
        columns[entries] = [told(row) for row in library.rows(subject)]
        columns[entries] += [told(row) for row in lists.rows(subject)]
        subject.close()
        folder, _ = filling.filled(entries)  # anew: the rows above have made it larger
        columns[entries] += [told(row) for row in processes.rows(folder, empty)]
    table(columns)
    return all(row.good is not False for row in columns.get(NAMED, []))


def told(row: Row) -> Row:
    say(f"  {row.name}: {row.figure}")
    return row


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def table(columns: dict[int, list[Row]]) -> None:
    """Markdown; the mark says whether the row is reached, for every size."""
    first = next(iter(columns.values()))
    print("| | reach at 100,000 |", " | ".join(f"{size:,}" for size in columns), "|")
    print("| --- " * (len(columns) + 2) + "|")
    for lines in zip(*columns.values(), strict=True):
        cells = (f"{MARKS[row.good]} {row.figure}" for row in lines)
        print(f"| {lines[0].name} | {lines[0].reach} |", " | ".join(cells), "|")
    if len(columns) > 1:
        for at, row in enumerate(first):
            if row.name in GROWTH:
                growth = [rows[at].value / row.value for rows in columns.values()]
                cells = (f"{MARKS[g <= 1.5]} {g:.2f} ×" for g in growth)
                print(f"| growth of {GROWTH[row.name]} | ≤ 1.5 × |", " | ".join(cells), "|")


MARKS = {True: "✓", False: "✗", None: " "}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
