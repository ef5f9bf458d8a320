"""`audit`: what happened in the vault, and whether the log is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import display
from app.cli import options
from vault.errors import Damaged
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from app.cli.commands import Commands
    from app.cli.context import Context


def _options(parser: ArgumentParser) -> None:
    parser.description = (
        "The audit log: every opening of a value and every change, chained under a key of the vault."
    )
    verbs = parser.add_subparsers(dest="verb", metavar="list|verify", required=True)
    listing = verbs.add_parser("list", help="the events, the newest first")
    listing.add_argument("--limit", type=options.whole, default=50, metavar="N", help="default 50")
    listing.add_argument(
        "--after", type=options.whole, metavar="SEQ", help="the events after this one, oldest first"
    )
    listing.add_argument("--path", metavar="PATH", help="of this entry only")
    verbs.add_parser("verify", help="follow the whole chain; names the first broken link")


def _audit(context: Context, arguments: Namespace) -> None:
    if arguments.verb == "verify":
        _verify(context)
    else:
        _list(context, arguments)


def _list(context: Context, arguments: Namespace) -> None:
    vault = context.vault
    entry_id = None
    if arguments.path:
        entry_id = vault.entries.find(ParameterPath.parse(arguments.path, None)).id
    events = vault.audit.events(
        after_seq=arguments.after or 0,
        limit=arguments.limit,
        newest_first=arguments.after is None,
        entry_id=entry_id,
    )
    if context.as_json:
        from app.cli import shapes

        context.data([shapes.event(event) for event in events])
        return
    rows = [
        (
            str(event.seq),
            display.moment(event.at, seconds=True),
            event.event,
            event.origin.value,
            event.path + (f":{event.version}" if event.version else ""),
        )
        for event in events
    ]
    context.line(display.table(("SEQ", "AT", "EVENT", "BY", "ENTRY"), rows, right=(0,)))


def _verify(context: Context) -> None:
    verdict = context.vault.audit.verify()
    whole = verdict.broken_at is None
    if context.as_json:
        context.data(
            {"ok": whole, "events": verdict.held, "broken_at": verdict.broken_at, "reason": verdict.reason}
        )
    elif whole:
        context.line(f"the chain holds: {display.count(verdict.held, 'event')}")
    if not whole:
        raise Damaged(f"the audit log breaks at event {verdict.broken_at}: {verdict.reason}")


COMMANDS: Commands = {"audit": (_options, _audit)}
