"""`key-policy`: which keys wrap the values of which folder, who opens what, and what is lost with a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app import display
from app.cli import options, under_way
from vault.errors import Cancelled
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from app.cli.commands import Commands
    from app.cli.context import Context
    from app.key_reach import Key, Losses, Reach
    from vault.records import KeyPolicy
    from vault.rewrapping import RewrapPlan


def _options(parser: ArgumentParser) -> None:
    parser.description = (
        "Which keys wrap the data keys of a folder's values: a local one, a key of AWS KMS, or both, so that "
        "either opens. The policy nearest above an entry holds."
    )
    verbs = parser.add_subparsers(dest="verb", metavar="set|list|clear|rewrap|who|lost", required=True)
    one = verbs.add_parser("set", help="set the policy of a folder, and rewrap what is there")
    one.add_argument("path", metavar="PATH", help='a folder, or one entry; "/" for all that have no other')
    wanted = one.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--local", action="store_true", help="a local key alone")
    wanted.add_argument("--kms", metavar="KEY", help="a KMS key alone: without network nothing opens")
    wanted.add_argument("--both", metavar="KEY", help="a KMS key and a local one: either opens")
    connection_options(one)
    one.add_argument("--no-rewrap", action="store_true", help="leave what is there for `key-policy rewrap`")
    options.yes(one)
    verbs.add_parser("list", help="every policy that is set")
    clear = verbs.add_parser("clear", help="remove the policy of a folder: what is above it holds")
    clear.add_argument("path", metavar="PATH", help="a folder or entry with a policy")
    rewrap = verbs.add_parser("rewrap", help="bring what is there under the keys that the policies say")
    rewrap.add_argument("path", metavar="PATH", nargs="?", default="/", help="a folder (default all)")
    rewrap.add_argument("--plan", action="store_true", help="only count what would be done")
    who = verbs.add_parser("who", help="which keys open which entry, and whether each can be used now")
    who.add_argument("path", metavar="PATH", nargs="?", default="/", help="a folder or entry (default all)")
    who.add_argument("--offline", action="store_true", help="do not ask AWS whether its keys can be used")
    lost = verbs.add_parser("lost", help="what nothing else opens if a key goes")
    lost.add_argument("key", metavar="KEY", help="a local key's alias; name, ARN or id of a KMS key")


def connection_options(parser: ArgumentParser) -> None:
    """Add how a KMS key is reached."""
    parser.add_argument("--profile", metavar="NAME", default="", help="profile of the AWS configuration")
    parser.add_argument(
        "--region", metavar="REGION", default="", help="region, where an alias leaves it open"
    )
    parser.add_argument("--endpoint-url", metavar="URL", default="", help="another address of AWS KMS")


def _key_policy(context: Context, arguments: Namespace) -> None:
    run: Callable[[Context, Namespace], None] = {
        "set": _set,
        "list": _list,
        "clear": _clear,
        "rewrap": _rewrap,
        "who": _who,
        "lost": _lost,
    }[arguments.verb]
    run(context, arguments)


def _set(context: Context, arguments: Namespace) -> None:
    from app import key_change
    from vault.records import Connection

    vault = context.vault
    wanted = key_change.Wanted(
        ParameterPath.parse_folder(arguments.path),
        local=not arguments.kms,
        kms=arguments.kms or arguments.both or "",
        connection=Connection(arguments.profile, arguments.region, arguments.endpoint_url),
    )
    change = key_change.prepare(vault, wanted, context.session.ask_mfa)
    shown = f"{change.word} {change.arn}".rstrip()
    context.say(f"policy of {display.printable(change.folder)}: {shown}")
    _say_plan(context, change.plan)
    if change.plan.waiting and not context.agreed("Set it?"):
        raise Cancelled("--yes does it without asking")
    key_change.set_policy(vault, change)
    done = 0
    if change.plan.waiting and not arguments.no_rewrap:
        done = _rewrapped(context, change.folder, change.plan.waiting)
    if context.as_json:
        context.data(
            {
                "path": str(change.folder),
                "policy": change.word,
                "key": change.arn or None,
                "plan": change.plan._asdict(),
                "rewrapped": done,
            }
        )


def _list(context: Context, _: Namespace) -> None:
    listed = context.vault.key_policies.listed()
    if context.as_json:
        context.data([_policy_shape(policy) for policy in listed])
        return
    rows = [
        (
            str(policy.folder),
            _word(policy),
            policy.kms.name if policy.kms else "",
            policy.kms.connection.region if policy.kms else "",
            policy.kms.connection.profile if policy.kms else "",
            display.moment(policy.changed_at),
        )
        for policy in listed
    ]
    context.line(display.table(("PATH", "POLICY", "KEY", "REGION", "PROFILE", "CHANGED"), rows))
    if not listed:
        context.say("no policy is set: a local key wraps every value")
    elif waiting := context.vault.key_policies.waiting():
        context.say(f"{display.count(waiting, 'version')} to be rewrapped: `strongroom key-policy rewrap`")


def _clear(context: Context, arguments: Namespace) -> None:
    folder = ParameterPath.parse_folder(arguments.path)
    policies = context.vault.key_policies
    policies.clear(folder)
    context.say(f"{display.printable(folder)} follows the policy above it")
    if waiting := policies.waiting(folder):
        context.say(f"{display.count(waiting, 'version')} to be rewrapped: `strongroom key-policy rewrap`")
    if context.as_json:
        context.data({"path": str(folder), "waiting": waiting})


def _rewrap(context: Context, arguments: Namespace) -> None:
    folder = ParameterPath.parse_folder(arguments.path)
    plan = context.vault.key_policies.plan_rewrap(folder)
    _say_plan(context, plan)
    done = 0
    if plan.waiting and not arguments.plan:
        done = _rewrapped(context, folder, plan.waiting)
    if context.as_json:
        context.data({"path": str(folder), "plan": plan._asdict(), "rewrapped": done})


def _rewrapped(context: Context, folder: ParameterPath, waiting: int) -> int:
    policies = context.vault.key_policies
    try:
        with under_way.steps(context, "rewrapping", lambda count: display.count(count, "version")) as steps:
            done = policies.rewrap(folder, lambda count: steps.reach(count, waiting))
    except KeyboardInterrupt:
        context.say("stopped; what was rewrapped stays. `strongroom key-policy rewrap` goes on")
        raise
    context.say(f"{display.count(done, 'version')} rewrapped")
    return done


def _say_plan(context: Context, plan: RewrapPlan) -> None:
    steps = (
        (plan.encrypt, "get the KMS key"),
        (plan.reencrypt, "go from one KMS key to another"),
        (plan.decrypt, "get a local key"),
        (plan.drop_local, "lose the local key: without network they will not open"),
        (plan.drop_kms, "lose a KMS key"),
    )
    context.say(f"{display.count(plan.versions, 'version')}, {plan.waiting:,} to be rewrapped")
    for count, told in steps:
        if count:
            context.say(f"  {count:,} {told}")


def _who(context: Context, arguments: Namespace) -> None:
    from app import key_reach

    vault, folder = context.vault, ParameterPath.parse_folder(arguments.path)
    known = key_reach.keys(vault, ask=not arguments.offline)
    with under_way.steps(context, "looking", _entries) as steps:
        steps.expect(vault.entries.count(folder))
        reached = list(steps.each(key_reach.who(vault, known, folder)))
    if context.as_json:
        told = {"keys": [_key_shape(key) for key in known.values()]}
        context.data({**told, "entries": [_reach_shape(reach) for reach in reached]})
        return
    rows = [
        (str(reach.path), reach.policy, ", ".join(map(_named, reach.keys)), "waits" if reach.waits else "")
        for reach in reached
    ]
    context.line(display.table(("PATH", "POLICY", "OPENED BY", ""), rows))
    for key in known.values():
        if key.usable is False:
            context.say(f"{display.printable(key.name)} cannot be used: {display.printable(key.why)}")


def _lost(context: Context, arguments: Namespace) -> None:
    from app import key_reach

    vault = context.vault
    with under_way.steps(context, "looking") as steps:
        losses = key_reach.lost(vault, key_reach.keys(vault, ask=False), arguments.key, steps)
    if context.as_json:
        context.data(_losses_shape(losses))
        return
    rows = [
        (
            str(loss.path),
            ", ".join(map(str, loss.versions)),
            "yes" if loss.has_current else "",
            "in the trash" if loss.in_trash else "",
        )
        for loss in losses.entries
    ]
    context.line(display.table(("PATH", "VERSIONS", "CURRENT", ""), rows))
    name = display.printable(losses.key.name)
    count = display.count(len(losses.entries), "entry", "entries")
    context.say(f"without {name}, {count} would lose values that nothing else opens")
    for slot in losses.slots:
        context.say(f"the key slot {slot.id.hex()[:8]} would not open the vault any more")
    if losses.is_last_way_in:
        context.say("nobody could open the vault: it is the only way in")
    for folder in losses.folders:
        context.say(f"the policy of {display.printable(folder)} names it: no value could be stored there")


def _entries(count: int) -> str:
    return display.count(count, "entry", "entries")


def _named(key: Key) -> str:
    return key.name if key.usable is not False else f"{key.name} (not now)"


def _word(policy: KeyPolicy) -> str:
    return "local" if policy.kms is None else "both" if policy.local else "kms"


def _policy_shape(policy: KeyPolicy) -> dict[str, Any]:
    kms = policy.kms
    return {
        "path": str(policy.folder),
        "policy": _word(policy),
        "key": kms.arn if kms else None,
        "name": kms.name if kms else None,
        "profile": kms.connection.profile if kms else None,
        "region": kms.connection.region if kms else None,
        "endpoint_url": kms.connection.endpoint_url if kms else None,
        "changed_at": display.iso(policy.changed_at),
    }


def _key_shape(key: Key) -> dict[str, Any]:
    return {
        "name": key.name,
        "kind": key.kind,
        "arn": key.arn or None,
        "wraps": key.wraps,
        "usable": key.usable,
        "why": key.why,
    }


def _reach_shape(reach: Reach) -> dict[str, Any]:
    asked = all(key.usable is not None for key in reach.keys)
    return {
        "path": str(reach.path),
        "policy": reach.policy,
        "keys": [key.arn or key.name for key in reach.keys],
        "usable": any(key.usable for key in reach.keys) if asked else None,
        "waits": reach.waits,
        "versions": {
            str(number): [key.arn or key.name for key in keys] for number, keys in reach.versions.items()
        },
    }


def _losses_shape(losses: Losses) -> dict[str, Any]:
    return {
        "key": losses.key.arn or losses.key.name,
        "entries": [
            {
                "path": str(loss.path),
                "versions": list(loss.versions),
                "current": loss.has_current,
                "in_trash": loss.in_trash,
            }
            for loss in losses.entries
        ],
        "slots": [slot.id.hex() for slot in losses.slots],
        "last_way_in": losses.is_last_way_in,
        "policies": [str(folder) for folder in losses.folders],
    }


COMMANDS: Commands = {"key-policy": (_options, _key_policy)}
