"""`remote`: the places in AWS that folders are exchanged with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import display
from app.allowed import allow_remote
from app.cli import options, sync_shapes
from app.wording import DONE, FAILED
from vault.endpoints import is_in_clear
from vault.errors import Cancelled
from vault.paths import ParameterPath
from vault.records import Connection, Direction, RemoteDraft, Service

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from app.cli.commands import Commands
    from app.cli.context import Context
    from vault.records import Remote

_CONNECTION = {
    "profile": ("P", "a profile of the shared AWS configuration"),
    "region": ("R", "such as eu-west-1 (default: the profile's or the environment's)"),
    "endpoint_url": ("URL", "another address than AWS's own"),
    "role_arn": ("ARN", "a role to assume"),
    "external_id": ("ID", "for the role, where its owner asks for one"),
    "mfa_serial": ("ARN", "the MFA device whose code the role needs"),
    "access_key": ("PATH", "an entry that holds an IAM access key as JSON"),
}


def _options(parser: ArgumentParser) -> None:
    parser.description = "The places in AWS that folders of the vault are exchanged with."
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    add = verbs.add_parser("add", help="name a place: a service, a folder here, a prefix there")
    _facts(add, required=True)
    change = verbs.add_parser("change", help="change some of it; what is not said stays")
    _facts(change, required=False)
    change.add_argument("--rename", metavar="NEWNAME", help="another name")
    verbs.add_parser("list", help="every remote")
    for verb, summary in {
        "show": "one remote, and the IAM policy that it needs",
        "test": "who signs in there, and which permissions are missing",
        "remove": "forget it; entries here and there stay",
    }.items():
        one = verbs.add_parser(verb, help=summary)
        one.add_argument("name", metavar="NAME", help="of a remote")
        if verb == "remove":
            options.yes(one)


def _facts(parser: ArgumentParser, *, required: bool) -> None:
    parser.add_argument("name", metavar="NAME", help="letters, digits, . _ or -")
    services = [service.value for service in Service]
    parser.add_argument("--service", choices=services, required=required, help="which of the two")
    parser.add_argument("--folder", metavar="PATH", required=required, help="the folder here")
    parser.add_argument(
        "--prefix",
        required=required,
        help='what its names begin with there, such as "/shop"; "" for all secrets',
    )
    directions = [direction.value for direction in Direction]
    parser.add_argument(
        "--direction", choices=directions, help="which changes it lets through (default: both)"
    )
    parser.add_argument(
        "--kms-key", metavar="K", help="for what is made there: id, ARN or alias of a KMS key"
    )
    parser.add_argument("--tier", type=options.tier, metavar="T", help="for parameters that are made there")
    for name, (metavar, summary) in _CONNECTION.items():
        parser.add_argument(f"--{name.replace('_', '-')}", metavar=metavar, help=summary)


def _remote(context: Context, arguments: Namespace) -> int:
    return _VERBS[arguments.verb](context, arguments)


def _add(context: Context, arguments: Namespace) -> int:
    connection = Connection(**{name: getattr(arguments, name) or "" for name in _CONNECTION})
    draft = RemoteDraft(
        arguments.name,
        Service(arguments.service),
        ParameterPath.parse_folder(arguments.folder),
        arguments.prefix,
        Direction(arguments.direction or Direction.BOTH),
        connection,
        arguments.kms_key or "",
        arguments.tier,
    )
    _told(context, "added", allow_remote(context.vault, context.vault.remotes.add(draft)))
    return DONE


def _change(context: Context, arguments: Namespace) -> int:
    from app.sync.run import remote_named

    old = remote_named(context.vault, arguments.name)
    said = {name: value for name in _CONNECTION if (value := getattr(arguments, name)) is not None}
    draft = RemoteDraft(
        arguments.rename or old.name,
        Service(arguments.service or old.service),
        ParameterPath.parse_folder(arguments.folder) if arguments.folder else old.folder,
        old.prefix if arguments.prefix is None else arguments.prefix,
        Direction(arguments.direction or old.direction),
        old.connection._replace(**said),
        old.kms_key if arguments.kms_key is None else arguments.kms_key,
        arguments.tier or old.tier,
    )
    changed = context.vault.remotes.change(old.name, draft)
    _told(context, "changed", allow_remote(context.vault, changed))
    return DONE


def _told(context: Context, verb: str, remote: Remote) -> None:
    if is_in_clear(remote.connection.endpoint_url):
        context.say("warning: with http, everybody on the way can read the values; take https")
    if context.as_json:
        context.data(sync_shapes.remote(remote))
    else:
        context.say(f"{verb} {remote.name}: {remote.folder} here, {_there(remote)} in {remote.service.value}")
        context.say(f"`strongroom remote test {remote.name}` tries it; `strongroom sync {remote.name}` looks")


def _there(remote: Remote) -> str:
    return f"{remote.prefix}…" if remote.prefix else "every name without a leading slash"


def _list(context: Context, _: Namespace) -> int:
    remotes = context.vault.remotes.listed()
    if context.as_json:
        context.data([sync_shapes.remote(remote) for remote in remotes])
        return DONE
    rows = [
        (
            remote.name,
            remote.service.value,
            str(remote.folder),
            remote.prefix,
            remote.direction.value,
            remote.connection.profile,
            remote.connection.region,
            remote.account,
            display.relative(remote.observed_at, context.now) if remote.observed_at else "never",
        )
        for remote in remotes
    ]
    headings = (
        "NAME",
        "SERVICE",
        "FOLDER",
        "PREFIX",
        "DIRECTION",
        "PROFILE",
        "REGION",
        "ACCOUNT",
        "LOOKED AT",
    )
    context.line(display.table(headings, rows))
    if not rows:
        context.say("there is no remote yet; `strongroom remote add NAME --service … --folder … --prefix …`")
    return DONE


def _show(context: Context, arguments: Namespace) -> int:
    from app.aws.permissions import least_policy, place_of
    from app.sync.run import remote_named

    remote = remote_named(context.vault, arguments.name)
    place = place_of(remote.connection.region or "*")
    policy = least_policy(remote, place._replace(account=remote.account or "*"))
    if context.as_json:
        from vault import json_text

        context.data(sync_shapes.remote(remote) | {"iam_policy": json_text.parsed(policy)})
        return DONE
    shape = sync_shapes.remote(remote)
    context.line(display.facts((name.replace("_", " "), str(value or "")) for name, value in shape.items()))
    context.say("the least IAM policy that it needs:")
    context.line(policy)
    return DONE


def _test(context: Context, arguments: Namespace) -> int:
    from app.aws.probe import check_connection
    from app.cli.terminal import ask_mfa
    from app.sync.run import remote_named

    remote = allow_remote(context.vault, remote_named(context.vault, arguments.name))
    report = check_connection(context.vault, remote, ask_mfa=ask_mfa)
    code = FAILED if report.missing or not report.has_answer else DONE
    if context.as_json:
        context.data(sync_shapes.report(remote, report))
        return code
    if report.identity:
        context.line(f"{report.identity.arn} in {report.region}")
    else:
        context.line(f"STS does not tell who signs in; in {report.region}")
    rows = [(check.action, check.result.value, check.why) for check in report.checks]
    context.line(display.table(("PERMISSION", "RESULT", "WHY"), rows))
    if not report.has_answer:
        context.say("nothing answered: check the network, the region and the endpoint")
    if report.missing:
        context.say(f"missing: {', '.join(report.missing)}")
        context.say(f"`strongroom remote show {remote.name}` prints the IAM policy that it needs")
    return code


def _remove(context: Context, arguments: Namespace) -> int:
    from app.sync.run import remote_named

    remote = remote_named(context.vault, arguments.name)
    if not context.agreed(f"Forget {remote.name}? Entries here and there stay as they are."):
        raise Cancelled("--yes does it without asking")
    context.vault.remotes.remove(remote.name)
    context.say(f"removed {remote.name}")
    return DONE


_VERBS = {
    "add": _add,
    "change": _change,
    "list": _list,
    "show": _show,
    "test": _test,
    "remove": _remove,
}
COMMANDS: Commands = {"remote": (_options, _remote)}
