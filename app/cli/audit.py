"""`audit`: what happened in the vault, and whether the log is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import display
from app.cli import options, under_way
from app.errors import WrongUsage
from vault.errors import Damaged
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from app.cli.commands import Commands
    from app.cli.context import Context
    from vault.audit import EventFilter


def _options(parser: ArgumentParser) -> None:
    parser.description = (
        "The audit log: every opening of a value and every change, chained under a key of the vault."
    )
    verbs = parser.add_subparsers(dest="verb", metavar="list|export|verify", required=True)
    listing = verbs.add_parser("list", help="the events, the newest first")
    listing.add_argument("--limit", type=options.whole, default=50, metavar="N", help="default 50")
    listing.add_argument(
        "--after", type=options.whole, metavar="SEQ", help="the events after this one, oldest first"
    )
    listing.add_argument("--path", metavar="PATH", help="of this entry only")
    _filter_options(listing)
    writing = verbs.add_parser("export", help="write events to a new file that only you may read")
    writing.add_argument("file", metavar="FILE", help="it must not be there")
    writing.add_argument(
        "--format", choices=("csv", "jsonl"), default="jsonl", help="default jsonl: a JSON object a line"
    )
    _filter_options(writing)
    verbs.add_parser("verify", help="follow the whole chain; names the first broken link")


def _filter_options(parser: ArgumentParser) -> None:
    from vault.audit import EVENTS
    from vault.records import Origin

    parser.add_argument("--text", default="", metavar="TEXT", help="in the path or the event's name")
    parser.add_argument(
        "--event",
        action="append",
        choices=EVENTS.values(),
        metavar="NAME",
        help="such as value-opened; may be repeated",
    )
    parser.add_argument(
        "--by",
        action="append",
        choices=[origin.value for origin in Origin],
        metavar="WHO",
        help="window, command-line, import, sync, rotation, endpoint or library; may be repeated",
    )
    parser.add_argument("--since", type=options.past, metavar="TIME", help='from then on: "7d", "2027-01-31"')
    parser.add_argument("--until", type=options.past, metavar="TIME", help="up to then")


def _chosen(context: Context, arguments: Namespace) -> EventFilter:
    from app.activity import meant
    from app.expiry import back
    from vault.audit import EventFilter
    from vault.records import Origin

    try:
        since, until = (at and back(at, context.now) for at in (arguments.since, arguments.until))
    except ValueError as error:
        raise WrongUsage(str(error)) from None
    by = arguments.by and tuple(Origin(name) for name in arguments.by)
    events = arguments.event and tuple(arguments.event)
    return EventFilter(arguments.text, meant(arguments.text), events, by, since, until)


def _audit(context: Context, arguments: Namespace) -> None:
    if arguments.verb == "verify":
        _verify(context)
    elif arguments.verb == "export":
        _export(context, arguments)
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
        chosen=_chosen(context, arguments),
    )
    if context.as_json:
        from app.activity import shape

        context.data([shape(event) for event in events])
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


def _export(context: Context, arguments: Namespace) -> None:
    from app import activity

    vault, chosen, form = context.vault, _chosen(context, arguments), activity.Form(arguments.format)
    with under_way.steps(context, "writing", lambda count: display.count(count, "event")) as steps:
        count = activity.export(vault, chosen, arguments.file, form, steps.reach)
    if context.as_json:
        context.data({"file": arguments.file, "events": count})
    else:
        context.say(f"written: {display.count(count, 'event')}, with paths and no values")


def _verify(context: Context) -> None:
    vault = context.vault
    with under_way.steps(context, "verifying", lambda count: display.count(count, "event")) as steps:
        verdict = vault.audit.verify(steps)
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
