"""`search` by a query, `searches` that have a name, `find-values` over the values themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app import display
from app.cli import options, under_way
from app.cli.browse import print_entries
from app.errors import WrongUsage
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from app.cli.commands import Commands
    from app.cli.context import Context
    from vault.secret import Secret

MAX_SOUGHT_BYTES: Final = 65_536


def _search_options(parser: ArgumentParser) -> None:
    parser.description = (
        "Entries whose path, description, tags or labels hold every word, anywhere and in any case. "
        'Also "a phrase", path:/shop/ or path:db, tag:owner or tag:owner=ops, label:live, type:secret, and '
        "is:expired, is:expiring, is:locked, is:weak, is:reused, is:unsynced; ! before any of these leaves "
        "out what it holds for."
    )
    parser.add_argument("text", metavar="TEXT", nargs="*", help="words and conditions that all must hold")
    parser.add_argument("--saved", metavar="NAME", help="run the search of this name")
    parser.add_argument("--limit", type=options.whole, default=50, metavar="N", help="default 50")


def _search(context: Context, arguments: Namespace) -> None:
    from app import query, saved_searches

    text = " ".join(arguments.text)
    if bool(text.strip()) == (arguments.saved is not None):
        raise WrongUsage("give words and conditions, or --saved NAME")
    vault = context.vault
    if arguments.saved is not None:
        text = saved_searches.find(vault, arguments.saved).query
    days = context.settings.expiring_days
    with under_way.steps(context, "comparing with the remotes") as steps:
        found = query.find(vault, text, limit=arguments.limit + 1, expiring_days=days, steps=steps)
    print_entries(context, vault.entries.of_ids(found[: arguments.limit]))
    if len(found) > arguments.limit:  # told a script too, on stderr: what it got is not all
        context.say(f"the first {arguments.limit}; --limit shows more")


def _searches_options(parser: ArgumentParser) -> None:
    parser.description = "Searches that have a name; `search --saved NAME` runs one."
    verbs = parser.add_subparsers(dest="verb", metavar="list|save|rename|remove", required=True)
    verbs.add_parser("list", help="names and queries")
    save = verbs.add_parser("save", help="save a query, in place of one with the same name")
    rename = verbs.add_parser("rename", help="give one another name")
    remove = verbs.add_parser("remove", help="forget one")
    for verb in (save, rename, remove):
        verb.add_argument("name", metavar="NAME", help="of the search")
    save.add_argument("text", metavar="TEXT", nargs="+", help="as `search` takes it")
    rename.add_argument("new", metavar="NEW", help="its name from now on")


def _searches(context: Context, arguments: Namespace) -> None:
    from app import saved_searches

    vault = context.vault
    match arguments.verb:
        case "save":
            saved_searches.save(vault, arguments.name, " ".join(arguments.text))
        case "rename":
            saved_searches.rename(vault, arguments.name, arguments.new)
        case "remove":
            saved_searches.remove(vault, arguments.name)
        case _:
            found = saved_searches.listed(vault)
            if context.as_json:
                context.data([one._asdict() for one in found])
            else:
                context.line(display.table(("NAME", "QUERY"), found))


def _find_options(parser: ArgumentParser) -> None:
    parser.description = (
        "Entries whose current value holds a text, byte for byte. Opens every value below --under, and the "
        "audit log says so. The text comes from a hidden prompt, stdin or --file, never by argument."
    )
    parser.add_argument("--under", default="/", metavar="PATH", help="search below this folder only")
    parser.add_argument("--file", metavar="FILE", help="look for the content of FILE")


def _find(context: Context, arguments: Namespace) -> None:
    vault = context.vault
    folder = ParameterPath.parse_folder(arguments.under)
    with (
        _sought(context, arguments) as text,
        under_way.steps(context, "looking", lambda count: display.count(count, "value")) as steps,
    ):
        total = vault.entries.count(folder)
        found = vault.values.search(text, folder, lambda count: steps.reach(count, total))
    print_entries(context, found)


def _sought(context: Context, arguments: Namespace) -> Secret:
    console = context.console
    if arguments.file:
        text: Secret | None = console.read_file(arguments.file, MAX_SOUGHT_BYTES)
    elif console.stdin_is_terminal:
        text = console.ask_hidden("Look for: ")
    else:
        text = console.read_stdin(MAX_SOUGHT_BYTES)
        if text.reveal().endswith(b"\n"):
            del text.reveal()[-1:]
    if not text:
        raise WrongUsage("there is nothing to look for")
    return text


COMMANDS: Commands = {
    "search": (_search_options, _search),
    "searches": (_searches_options, _searches),
    "find-values": (_find_options, _find),
}
