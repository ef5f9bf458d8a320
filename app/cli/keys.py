"""`keys`: the local keys that wrap the data keys of values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app import display
from app.cli import options, under_way

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from app.cli.commands import Commands
    from app.cli.context import Context

DEFAULT_ALIAS: Final = "alias/strongroom/default"
_VERBS: Final = {
    "create": "make a key with fresh material",
    "rotate": "give a key new material, for what is stored from now on",
    "rewrap": "bring all data keys of a key under its newest material",
    "enable": "let a key be used again",
    "disable": "let nothing be stored or opened under a key",
    "delete": "delete a key that wraps nothing, after a waiting period",
    "cancel-deletion": "keep a key that is pending deletion",
}
_WITH_DEFAULT: Final = ("rotate", "rewrap")


def _options(parser: ArgumentParser) -> None:
    parser.description = "The vault's own keys, which behave as AWS KMS keys do."
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    verbs.add_parser("list", help="every key, and how many data keys it wraps")
    for verb, summary in _VERBS.items():
        one = verbs.add_parser(verb, help=summary)
        one.add_argument(
            "alias",
            metavar="ALIAS",
            nargs="?" if verb in _WITH_DEFAULT else None,
            default=DEFAULT_ALIAS if verb in _WITH_DEFAULT else None,
            help='such as "alias/team"',
        )
        if verb == "delete":
            one.add_argument(
                "--days", type=options.whole, default=30, metavar="N", help="7 to 30 (default 30)"
            )


def _keys(context: Context, arguments: Namespace) -> None:
    keys = context.vault.keys
    if arguments.verb == "list":
        _list(context)
        return
    alias: str = arguments.alias
    if not alias.startswith("alias/"):
        alias = f"alias/{alias}"
    told = ""
    if arguments.verb == "create":
        keys.create(alias)
    elif arguments.verb == "rotate":
        told = f": material {keys.rotate(alias)}"
    elif arguments.verb == "rewrap":
        wrapped = sum(key.wraps for key in keys.listed() if key.alias == alias)
        with under_way.steps(context, "rewrapping", lambda count: display.count(count, "data key")) as steps:
            done = keys.rewrap(alias, lambda count: steps.reach(count, wrapped))
        told = f": {display.count(done, 'data key')}"
    elif arguments.verb == "enable":
        keys.enable(alias)
    elif arguments.verb == "disable":
        keys.disable(alias)
    elif arguments.verb == "delete":
        told = f": on {display.moment(keys.schedule_deletion(alias, arguments.days))}"
    else:
        keys.cancel_deletion(alias)
    context.say(f"{arguments.verb} {alias}{told}")


def _list(context: Context) -> None:
    listed = context.vault.keys.listed()
    outside = context.vault.key_policies.kms_keys()
    if context.as_json:
        from app.cli import shapes

        context.data([*(shapes.key(key) for key in listed), *(shapes.kms_key(key) for key in outside)])
        return
    rows = [
        (
            key.alias,
            key.state,
            str(key.material),
            f"{key.wraps:,}",
            display.moment(key.rotated_at),
            display.moment(key.delete_at),
        )
        for key in listed
    ]
    rows += [(key.name, "AWS KMS", "", f"{key.wraps:,}", "", "") for key in outside]
    cache = context.vault.outside.cache
    if all(cache.limits):
        context.say(f"{display.count(len(cache), 'data key')} from KMS kept now; a lock wipes them")
    context.line(
        display.table(("ALIAS", "STATE", "MATERIAL", "WRAPS", "ROTATED", "DELETED"), rows, right=(2, 3))
    )


COMMANDS: Commands = {"keys": (_options, _keys)}
