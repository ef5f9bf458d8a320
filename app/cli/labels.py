"""`label` and `unlabel` of Parameter Store, `stage` of Secrets Manager."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.cli import options
from app.errors import WrongUsage
from vault.errors import Refused
from vault.paths import ParameterPath, parse_selector

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from app.cli.commands import Commands
    from app.cli.context import Context
    from vault.paths import Selector

_RULE = 'a label has letters, digits, ".", "_" and "-", and does not begin with a digit, "aws" or "ssm"'


def _selector(text: str) -> Selector:
    selector = parse_selector(text)
    if selector.label is not None:
        raise WrongUsage("name the version by its number, as in PATH:3")
    return selector


def _label_options(parser: ArgumentParser) -> None:
    parser.description = (
        "Put labels on a version; a label that another version has moves. Without N, on the newest."
    )
    parser.add_argument("version", metavar="PATH:N", help="a version of an entry; PATH alone is its newest")
    parser.add_argument("labels", nargs="+", metavar="LABEL", help="one or more")


def _label(context: Context, arguments: Namespace) -> None:
    selector = _selector(arguments.version)
    invalid = context.vault.entries.label(selector.path, selector.number, tuple(arguments.labels))
    _tell(context, arguments, selector.path, invalid, _RULE)


def _unlabel_options(parser: ArgumentParser) -> None:
    parser.description = "Take labels off a version."
    parser.add_argument("version", metavar="PATH:N", help="a version of an entry, by its number")
    parser.add_argument("labels", nargs="+", metavar="LABEL", help="one or more")


def _unlabel(context: Context, arguments: Namespace) -> None:
    selector = _selector(arguments.version)
    if selector.number is None:
        raise WrongUsage("name the version by its number, as in PATH:3")
    invalid = context.vault.entries.unlabel(selector.path, selector.number, tuple(arguments.labels))
    _tell(context, arguments, selector.path, invalid, f"version {selector.number} does not have them")


def _tell(
    context: Context, arguments: Namespace, path: ParameterPath, invalid: tuple[str, ...], why: str
) -> None:
    """What was done; labels that were not are an error, though AWS answers them with success.

    Raises:
        Refused: "InvalidLabels", the name of the field in which AWS returns them.
    """
    done = [label for label in arguments.labels if label not in invalid]
    if context.as_json:
        context.data({"path": str(path), "labels": done, "invalid_labels": list(invalid)})
    if done and not context.as_json:
        context.say(f"{path}: {', '.join(done)}")
    if invalid:
        raise Refused("InvalidLabels", f"not done for {', '.join(invalid)}: {why}")


def _stage_options(parser: ArgumentParser) -> None:
    parser.description = (
        "Move a staging label of a secret to a version. AWSPREVIOUS follows AWSCURRENT by itself. A label "
        "that is attached already moves only if --from names the version that has it, so that nobody's "
        "change is lost."
    )
    parser.add_argument("path", metavar="PATH", help="of a secret")
    parser.add_argument("label", metavar="LABEL", help="AWSCURRENT, AWSPENDING, AWSPREVIOUS or your own")
    parser.add_argument(
        "--to", type=options.whole, metavar="N", help="the version that gets it; none detaches it"
    )
    parser.add_argument(
        "--from", dest="source", type=options.whole, metavar="N", help="the version that has it"
    )


def _stage(context: Context, arguments: Namespace) -> None:
    if arguments.to is None and arguments.source is None:
        raise WrongUsage("say where the label goes (--to) or where it is taken off (--from)")
    path = ParameterPath.parse(arguments.path, None)
    context.vault.entries.move_stage(path, arguments.label, arguments.to, arguments.source)
    where = "detached" if arguments.to is None else f"now at version {arguments.to}"
    context.say(f"{path}: {arguments.label} {where}")


COMMANDS: Commands = {
    "label": (_label_options, _label),
    "unlabel": (_unlabel_options, _unlabel),
    "stage": (_stage_options, _stage),
}
