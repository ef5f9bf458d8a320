"""`show`, `list` and `tree`: what is where, without opening a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app import catalog, display
from app.cli import options
from vault.inheritance import Choice
from vault.paths import ROOT, ParameterPath
from vault.policies import expires_at

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Iterator

    from app.cli.commands import Commands
    from app.cli.context import Context
    from vault.records import Entry, Version
    from vault.vault import Vault

HEADINGS = ("PATH", "TYPE", "VERSION", "MODIFIED", "EXPIRES")
_ON_EXPIRY = {
    Choice.DELETE: "to the trash",
    Choice.WARN: "a warning",
    Choice.LOCK: "locked",
    Choice.ROTATE: "due for a rotation",
}


def entry_table(context: Context, entries: Iterable[Entry], folders: Iterable[ParameterPath] = ()) -> str:
    """Folders and entries, one a line, in path order."""
    rows = [(f"{folder}/".replace("//", "/"), "", "", "", "") for folder in folders]
    rows += [
        (
            str(entry.path),
            entry.value_type.value,
            str(entry.current or "-"),
            display.moment(entry.modified_at),
            display.relative(entry.expires_at, context.now) if entry.expires_at else "",
        )
        for entry in entries
    ]
    return display.table(HEADINGS, sorted(rows), right=(2,))


def print_entries(context: Context, entries: Iterable[Entry]) -> None:
    """Entries as a table, or as a JSON array."""
    if context.as_json:
        from app.cli import shapes

        context.data([shapes.entry(entry) for entry in entries])
    else:
        context.line(entry_table(context, entries))


def _show_options(parser: ArgumentParser) -> None:
    parser.description = "Everything about an entry but its value."
    parser.add_argument("path", metavar="PATH", help="of an entry")


def _show(context: Context, arguments: Namespace) -> None:
    vault = context.vault
    entry = vault.entries.find(ParameterPath.parse(arguments.path, None))
    history = vault.entries.history(entry.path)
    effective = vault.folders.effective(entry)
    if context.as_json:
        from app.cli import shapes

        context.data(
            {
                **shapes.entry(entry),
                "current": entry.current or None,
                "effective_policies": shapes.policies(effective),
                **shapes.on_expiry(vault.on_expiry.effective(entry.path)),
                "versions": [shapes.version(version) for version in history],
            }
        )
        return
    context.line(display.facts(_facts(context, entry, history)))
    if effective:
        context.line("\nPolicies")
        for policy in effective:
            inherited = "" if policy in entry.policies else "  (inherited)"
            shown = ", ".join(f"{name} {text}" for name, text in policy.attributes.items())
            context.line(f"  {policy.kind}: {shown}{inherited}")


def _facts(context: Context, entry: Entry, history: list[Version]) -> list[tuple[str, str]]:
    current = next((version for version in history if version.number == entry.current), None)
    expires, at = "", expires_at(context.vault.folders.effective(entry))
    if at is not None:
        choice = context.vault.on_expiry.effective(entry.path).choice
        expires = f"{display.moment(at)} ({display.relative(at, context.now)}), then {_ON_EXPIRY[choice]}"
    tier = f", {entry.tier} tier" if entry.tier else ""
    return [
        ("Path", entry.path),
        ("Kind", f"{entry.kind}, {entry.value_type}{tier}"),
        ("Data type", "" if entry.data_type == "text" else entry.data_type),
        ("Description", entry.description),
        ("Pattern", entry.allowed_pattern or ""),
        ("Version", f"{entry.current or 'none'} of {display.count(len(history), 'kept version')}"),
        ("Labels", ", ".join(current.labels) if current else ""),
        ("Size", display.size(current.size) if current else ""),
        ("Tags", ", ".join(f"{key}={value}" for key, value in sorted(entry.tags.items()))),
        ("Created", display.moment(entry.created_at)),
        (
            "Modified",
            f"{display.moment(entry.modified_at)} ({display.relative(entry.modified_at, context.now)})",
        ),
        ("Expires", expires),
    ]


def _list_options(parser: ArgumentParser) -> None:
    parser.description = "The folders and entries of a folder; with --recursive every entry below it."
    parser.add_argument("path", metavar="PATH", nargs="?", default="/", help="a folder; default: /")
    parser.add_argument("-r", "--recursive", action="store_true", help="everything below, at any depth")
    parser.add_argument("-1", "--paths", action="store_true", help="paths alone, one a line")


def _list(context: Context, arguments: Namespace) -> None:
    vault = context.vault
    folder = ParameterPath.parse_folder(arguments.path)
    folders: list[ParameterPath] = []
    if arguments.recursive:
        entries = catalog.whole(vault, folder)
    else:
        folders, entries = _level(vault, folder)
    if context.as_json:
        from app.cli import shapes

        context.data(
            {
                "folder": str(folder),
                "folders": [str(one) for one in folders],
                "entries": [shapes.entry(entry) for entry in entries],
            }
        )
    elif arguments.paths:
        paths = sorted([f"{one}/" for one in folders] + [str(entry.path) for entry in entries])
        context.line("\n".join(paths))
    else:
        context.line(entry_table(context, entries, folders))


def _level(vault: Vault, folder: ParameterPath) -> tuple[list[ParameterPath], list[Entry]]:
    """One level; where nothing is below, the entry itself.

    Raises:
        NotFound: there is no such folder nor entry.
    """
    folders: list[ParameterPath] = []
    entries: list[Entry] = []
    for page in catalog.level(vault, folder):
        folders += page.folders
        entries += page.entries
    if not folders and not entries and folder != ROOT:
        entries = [vault.entries.find(folder)]
    return folders, entries


def _tree_options(parser: ArgumentParser) -> None:
    parser.description = "A folder and all below it, drawn as a tree."
    parser.add_argument("path", metavar="PATH", nargs="?", default="/", help="a folder; default: /")
    parser.add_argument("-d", "--depth", type=options.whole, metavar="N", help="draw N levels only")


def _tree(context: Context, arguments: Namespace) -> None:
    folder = ParameterPath.parse_folder(arguments.path)
    entries = catalog.whole(context.vault, folder)
    root = _Branch(str(folder))
    for entry in entries:
        branch = root
        for name in () if entry.path == folder else entry.path.segments[len(folder.segments) :]:
            branch = branch.child(name)
        branch.entry = entry
    if context.as_json:
        context.data(root.shape(folder))
        return
    context.line(display.printable(root.label))
    context.line("\n".join(root.lines(arguments.depth)))
    context.say(display.count(len(entries), "entry", "entries"))


class _Branch:
    """A name in the drawing: an entry, a folder, or both."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.entry: Entry | None = None
        self.children: dict[str, _Branch] = {}

    def child(self, name: str) -> _Branch:
        return self.children.setdefault(name, _Branch(name))

    @property
    def label(self) -> str:
        slash = "/" if self.children and self.name != "/" else ""
        return f"{self.name}{slash}" + (f"  {self.entry.value_type}" if self.entry else "")

    def lines(self, depth: int | None, indent: str = "") -> Iterator[str]:
        if depth == 0:
            return
        left = len(self.children)
        for child in self.children.values():
            left -= 1
            fork, rail = ("├── ", "│   ") if left else ("└── ", "    ")
            yield f"{indent}{fork}{display.printable(child.label)}"
            yield from child.lines(None if depth is None else depth - 1, indent + rail)

    def shape(self, path: ParameterPath) -> dict[str, Any]:
        from app.cli import shapes

        return {
            "path": str(path),
            "entry": shapes.entry(self.entry) if self.entry else None,
            "children": [child.shape(path.join(name)) for name, child in self.children.items()],
        }


COMMANDS: Commands = {
    "show": (_show_options, _show),
    "list": (_list_options, _list),
    "tree": (_tree_options, _tree),
}
