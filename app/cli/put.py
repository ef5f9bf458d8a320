"""`put`: one value in, byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.cli import options
from app.errors import FileFailed, WrongUsage
from vault.errors import Refused
from vault.paths import ParameterPath
from vault.records import Draft, Kind, ValueType

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from app.cli.commands import Commands
    from app.cli.context import Context
    from vault.policies import Policy
    from vault.secret import Secret
    from vault.vault import Vault

MAX_VALUE_BYTES: Final = 65_536  # of a secret; a longer value is told by its size alone
_READ_BYTES: Final = 1024 * 1024


def _put_options(parser: ArgumentParser) -> None:
    parser.description = (
        "Store a value: from --file, --generate, stdin where that is no terminal, or a hidden prompt."
    )
    parser.add_argument("path", metavar="PATH", help="where it goes, such as /shop/prod/db-password")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--file", metavar="FILE", help='the value is the content of FILE; "-" is stdin')
    source.add_argument(
        "--generate",
        metavar="[=PRESET]",
        help="make the value; --generate=PRESET chooses how (see `strongroom generate --help`)",
    )
    parser.add_argument("--trim", action="store_true", help="drop one newline at the end of the value")
    parser.add_argument("--overwrite", action="store_true", help="allow a new version of an existing entry")
    parser.add_argument("--kind", type=options.kind, metavar="parameter|secret", help="default: parameter")
    parser.add_argument(
        "--type",
        type=options.value_type,
        metavar="TYPE",
        help=", ".join(choice.value for choice in ValueType),
    )
    parser.add_argument(
        "--tier", type=options.tier, metavar="TIER", help="Standard, Advanced or Intelligent-Tiering"
    )
    parser.add_argument("--data-type", metavar="TYPE", help='such as "text", "integer" or "json"')
    parser.add_argument("--allowed-pattern", metavar="REGEX", help="what the value must match")
    parser.add_argument("--description", metavar="TEXT", help="what it is for; not a secret")
    parser.add_argument("--tag", action="append", type=options.pair, metavar="K=V", help="may be repeated")
    parser.add_argument("--policies", metavar="JSON", help="parameter policies, as AWS takes them")
    parser.add_argument(
        "--expires",
        type=options.when,
        metavar="90d|TIMESTAMP",
        help="expire then: after a time from now, or at a moment",
    )
    parser.add_argument(
        "--stage", action="append", metavar="LABEL", help="staging label of a secret's version"
    )
    parser.add_argument("--token", metavar="TOKEN", help="client request token, for safe repetition")
    parser.add_argument(
        "--context", action="append", type=options.pair, metavar="K=V", help="own encryption context"
    )
    parser.add_argument(
        "--expect", type=options.whole, metavar="N", help="refuse unless N is the newest version"
    )


def _put(context: Context, arguments: Namespace) -> None:
    vault = context.vault
    policies = _policies(context, arguments)
    kind = arguments.kind
    if kind is None and arguments.type in {ValueType.SECRET_STRING, ValueType.SECRET_BINARY}:
        kind = Kind.SECRET
    path = _path(vault, arguments.path, kind)
    with _value(context, arguments, path) as value:
        draft = Draft(
            path,
            value,
            kind=kind,
            value_type=arguments.type,
            tier=arguments.tier,
            data_type=arguments.data_type,
            description=arguments.description,
            allowed_pattern=arguments.allowed_pattern,
            tags=options.pairs(arguments.tag),
            policies=policies,
            stages=tuple(arguments.stage) if arguments.stage else None,
            token=arguments.token,
            context=options.pairs(arguments.context),
            overwrite=arguments.overwrite,
            expect=arguments.expect,
        )
        version = vault.entries.put(draft)
    if version is not None and context.as_json:
        from app.cli import shapes

        context.data({"path": str(path), **shapes.version(version)})
    elif version is not None:
        context.say(f"stored {path}, version {version.number}")


def _path(vault: Vault, text: str, kind: Kind | None) -> ParameterPath:
    """The path of a put; where no kind is given, of whichever kind stands there, else of a parameter."""
    if kind is not None:
        return ParameterPath.parse(text, kind)
    try:
        return ParameterPath.parse(text)
    except Refused as refusal:
        try:
            return vault.entries.find(ParameterPath.parse(text, None)).path
        except Refused:
            raise refusal from None


def _policies(context: Context, arguments: Namespace) -> tuple[Policy, ...] | None:
    if arguments.policies is None and arguments.expires is None:
        return None
    from app import expiry
    from vault import policies

    asked = policies.parse_policies(arguments.policies or "")
    if arguments.expires is None:
        return asked
    try:
        at = expiry.ahead(arguments.expires, context.now)
    except ValueError as error:
        raise WrongUsage(str(error)) from None
    asked = (policies.expiration(at), *asked)
    policies.check_set(asked)
    return asked


def _value(context: Context, arguments: Namespace, path: ParameterPath) -> Secret:
    """The value from where the options say; in doubt stdin, where that is no terminal, else a prompt."""
    console = context.console
    if arguments.generate is not None:
        from app.cli.generate import generated

        made = generated(arguments.generate or context.settings.generator_preset, context.settings)
        context.say(f"generated: {made.bits:.0f} bits of entropy")
        return made.value
    if arguments.file and arguments.file != "-":
        value = console.read_file(arguments.file, _READ_BYTES)
    elif arguments.file or not console.stdin_is_terminal:
        value = console.read_stdin(_READ_BYTES + 1)
        if len(value) > _READ_BYTES:
            raise FileFailed(f"stdin gives too much: at most {MAX_VALUE_BYTES:,} bytes can be a value")
    else:
        typed = console.ask_twice(f"Value of {path}")
        if typed is None:
            raise WrongUsage("there is no value: give it by stdin, --file or --generate")
        return typed
    if arguments.trim:
        return _trimmed(value)
    if value.reveal().endswith(b"\n") and value.reveal().count(b"\n") == 1:
        context.say("note: the value ends with a newline, as it was given (--trim drops it)")
    return value


def _trimmed(value: Secret) -> Secret:
    octets = value.reveal()
    if octets.endswith(b"\n"):
        del octets[-2 if octets.endswith(b"\r\n") else -1 :]
    return value


COMMANDS: Commands = {"put": (_put_options, _put)}
