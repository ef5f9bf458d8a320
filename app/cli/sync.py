"""`sync`, `status`, `undelete`: what differs between the vault and AWS, and bringing both together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import display
from app.cli import options, sync_shapes, under_way
from app.errors import WrongUsage
from app.wording import DONE, FAILED, REFUSED
from vault.errors import Cancelled
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from app.cli.commands import Commands
    from app.cli.context import Context
    from app.sync.observe import Observation
    from app.sync.outcome import Outcome
    from app.sync.plan import Plan
    from app.sync.progress import Step
    from app.sync.run import Sync
    from vault.records import Remote

_CHOICES = ("stop", "mine", "theirs", "both")


def _sync_options(parser: ArgumentParser) -> None:
    parser.description = (
        "Look at a remote, show what differs, and bring both sides together. Nothing is written before the"
        " plan was seen or --yes was given; a deletion never crosses over without --delete."
    )
    parser.add_argument("name", metavar="NAME", help="a remote")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--plan", action="store_true", help="show the plan and stop")
    how.add_argument("-y", "--yes", action="store_true", help="apply the plan without asking")
    parser.add_argument("--delete", action="store_true", help="let deletions cross over, both ways")
    parser.add_argument(
        "--on-conflict",
        choices=_CHOICES,
        default="stop",
        help="what to do where both sides changed the same thing (default: stop, and leave it)",
    )
    parser.add_argument("--history", action="store_true", help="pull every version that is kept there")
    parser.add_argument(
        "--details", action="store_true", help="read tags and labels of every parameter again"
    )


def _sync(context: Context, arguments: Namespace) -> int:
    from app.sync.run import plan_of, remote_named

    remote = remote_named(context.vault, arguments.name)
    runner = _runner(context, remote)
    observation = _look(context, runner, details=arguments.details)
    with under_way.steps(context, "comparing") as steps:
        plan = plan_of(context.vault, remote, observation.skipped, steps=steps)
    remote = remote_named(context.vault, remote.name)
    if arguments.plan:
        _show(context, remote, plan, observation)
        return DONE
    if not plan.pending and context.as_json:
        outcomes = runner.apply(plan)
        context.data(sync_shapes.outcomes(remote, plan, outcomes, observation))
        return DONE
    if not context.as_json:
        _print_plan(context, plan, observation)
    if plan.pending and not context.agreed(f"Apply this to {remote.name} and to the vault?"):
        raise Cancelled("nothing was written; --yes applies it without asking")
    return _apply(context, arguments, remote, runner, plan, observation)


def _apply(  # what a sync has found out, and what it is asked to do
    context: Context,
    arguments: Namespace,
    remote: Remote,
    runner: Sync,
    plan: Plan,
    observation: Observation | None,
) -> int:
    from app.sync.choices import Choice

    outcomes = runner.apply(
        plan,
        on_conflict=Choice(arguments.on_conflict),
        delete=arguments.delete,
        history=arguments.history,
    )
    if context.as_json:
        context.data(sync_shapes.outcomes(remote, plan, outcomes, observation))
    else:
        _print_outcomes(context, outcomes)
    return exit_code(outcomes)


def exit_code(outcomes: list[Outcome]) -> int:
    """0: all done; 1: something failed; 5: a conflict waits for a decision."""
    from app.sync.outcome import Result
    from app.sync.plan import Action

    results = {outcome.result for outcome in outcomes}
    if results & {Result.FAILED, Result.NOT_TRIED}:
        return FAILED
    undecided = any(
        outcome.result is Result.CONFLICT
        or (outcome.result is Result.LEFT and outcome.item.action is Action.CONFLICT)
        for outcome in outcomes
    )
    return REFUSED if undecided else DONE


def _runner(context: Context, remote: Remote) -> Sync:
    from app.allowed import allow_remote
    from app.aws.stores import open_store
    from app.cli.terminal import ask_mfa
    from app.sync.progress import Progress
    from app.sync.run import Sync

    store = open_store(context.vault, allow_remote(context.vault, remote), ask_mfa=ask_mfa)
    tell = _tell if context.is_interactive else None
    return Sync(context.vault, remote, store, Progress(tell) if tell else Progress())


def _tell(step: Step) -> None:
    from app.cli import streams

    left = "" if step.seconds_left is None else f", about {step.seconds_left:.0f} s left"
    of = f" of {step.expected:,}" if step.expected else ""
    streams.say_in_place(f"{step.what}: {step.done:,}{of}{left}")


def _look(context: Context, runner: Sync, *, details: bool = False) -> Observation:
    from app.cli import streams

    observation = runner.observe(details=details)
    if context.is_interactive:
        streams.say_in_place("")
    return observation


def _show(context: Context, remote: Remote, plan: Plan, observation: Observation | None) -> None:
    if context.as_json:
        context.data(sync_shapes.plan(remote, plan, observation))
    else:
        _print_plan(context, plan, observation)


def _print_plan(context: Context, plan: Plan, observation: Observation | None) -> None:
    rows = [
        (
            item.action.value,
            str(item.path),
            ", ".join(item.differs or item.here or item.there)
            or ("new" if item.action.value in ("push", "pull") else ""),
            item.held or (item.why.value if item.why else ""),
            _who(item.changed_by, display.moment(item.changed_at)) if item.action.value != "push" else "",
        )
        for item in plan.pending
    ]
    context.line(display.table(("ACTION", "PATH", "WHAT", "NOTE", "CHANGED THERE"), rows))
    counts = plan.counts()
    told = [f"{count:,} {action}" for action, count in counts.items() if count]
    context.say("plan: " + (", ".join(told) or "nothing on either side"))
    for skipped in plan.skipped[:20]:
        context.say(f"left out: {display.printable(skipped.name)}: {display.printable(skipped.reason)}")
    if len(plan.skipped) > 20:  # noqa: PLR2004  # as above
        context.say(f"left out: {len(plan.skipped) - 20:,} more (--json has them all)")
    if observation and observation.unread:
        context.say(f"tags or labels of {observation.unread:,} entries were not read; --details reads them")


def _who(arn: str, when: str) -> str:
    name = arn.rpartition("/")[2] or arn
    return " by ".join(part for part in (when, name) if part)


def _print_outcomes(context: Context, outcomes: list[Outcome]) -> None:
    from app.sync.outcome import Result, counts

    for outcome in outcomes:
        if outcome.result is not Result.DONE:
            path, reason = display.printable(str(outcome.item.path)), display.printable(outcome.reason)
            context.say(f"{outcome.result.value}: {path}: {reason}")
    told = [f"{count:,} {result}" for result, count in counts(outcomes).items() if count]
    context.say("sync: " + (", ".join(told) or "nothing to do"))


def _status_options(parser: ArgumentParser) -> None:
    parser.description = (
        "How far the entries of a folder are from their remotes, as far as the vault knows; no network."
    )
    parser.add_argument("path", metavar="PATH", nargs="?", default="/", help="an entry or a folder")
    parser.add_argument("-a", "--all", action="store_true", help="also what is in sync")


def _status(context: Context, arguments: Namespace) -> None:
    from app.sync.status import State, drift, waiting

    path = ParameterPath.parse_folder(arguments.path)
    vault = context.vault
    with under_way.steps(context, "comparing") as steps:
        found, waits = drift(vault, path, steps), waiting(vault, steps)
    if context.as_json:
        context.data(sync_shapes.status(waits, found))
        return
    shown = [each for each in found if arguments.all or each.state is not State.IN_SYNC]
    rows = [
        (
            each.state.value,
            str(each.item.path),
            each.remote.name,
            ", ".join(each.item.differs or each.item.here or each.item.there),
            _who(each.item.changed_by, display.moment(each.item.changed_at)),
        )
        for each in shown
    ]
    context.line(display.table(("STATE", "PATH", "REMOTE", "WHAT", "CHANGED THERE"), rows))
    for one in waits:
        seen = one.remote.observed_at
        when = f"as of {display.relative(seen, context.now)}" if seen else "never looked at"
        context.say(
            f"{one.remote.name}: {one.here:,} changed here, {one.there:,} changed there,"
            f" {display.count(one.conflicts, 'conflict')} ({when})"
        )
    if not vault.remotes.listed():
        context.say("there is no remote; `strongroom remote add` makes one")


def _undelete_options(parser: ArgumentParser) -> None:
    parser.description = (
        "Make again at a remote what somebody deleted there, as it was: value, type, tier, tags and labels."
        " What is in the trash here comes back as well."
    )
    parser.add_argument("path", metavar="PATH", help="an entry, or a folder with all below it")
    parser.add_argument("--remote", metavar="NAME", help="only at this remote (default: at every one)")
    options.yes(parser)


def _undelete(context: Context, arguments: Namespace) -> int:
    from app.sync import undo
    from app.sync.run import remote_named

    path = ParameterPath.parse_folder(arguments.path)
    vault = context.vault
    remotes = [remote_named(vault, arguments.remote)] if arguments.remote else vault.remotes.listed()
    remotes = [remote for remote in remotes if undo.covers(remote, path)]
    if not remotes:
        raise WrongUsage(f"no remote is about {path}; `strongroom remote list` shows them")
    code, answers = DONE, []
    for remote in remotes:
        runner = _runner(context, remote)
        observation = _look(context, runner)
        with under_way.steps(context, "comparing") as steps:
            found = undo.plan_undelete(vault, remote, path, steps)
        for each in found:
            trashed = " (from the trash)" if each.trashed is not None else ""
            context.say(f"{remote.name}: {display.printable(each.path)}{trashed}")
        if not found:
            context.say(f"{remote.name}: nothing below {path} is gone there that the vault still has")
            continue
        if not context.agreed(
            f"Make {display.count(len(found), 'entry', 'entries')} at {remote.name} again?"
        ):
            raise Cancelled("nothing was written; --yes does it without asking")
        with under_way.steps(context, "planning") as steps:
            plan = undo.undelete(vault, remote, found, steps)
        outcomes = runner.apply(plan)
        code = max(code, exit_code(outcomes))
        answers.append(sync_shapes.outcomes(remote, plan, outcomes, observation))
        if not context.as_json:
            _print_outcomes(context, outcomes)
    if context.as_json:
        context.data(answers)
    return code


def push_restored(context: Context, name: str, folder: ParameterPath) -> int:
    """Bring a subtree at a remote to what it is here now; for `restore --to … --push`."""
    from app.sync import undo
    from app.sync.choices import Choice
    from app.sync.run import plan_of, remote_named

    vault, remote = context.vault, remote_named(context.vault, name)
    runner = _runner(context, remote)
    observation = _look(context, runner)
    with under_way.steps(context, "comparing") as steps:
        gone = undo.plan_undelete(vault, remote, folder, steps)
        undo.take_back(vault, remote, [each for each in gone if each.trashed is None], steps)
        plan = undo.pushes_of(plan_of(vault, remote, below=folder, steps=steps))
    if not context.as_json:
        _print_plan(context, plan, observation)
    if plan.pending and not context.agreed(f"Write this to {remote.name}?"):
        raise Cancelled("the vault is restored, the remote is as it was; --yes writes without asking")
    outcomes = runner.apply(plan, on_conflict=Choice.MINE)
    _print_outcomes(context, outcomes)
    return exit_code(outcomes)


COMMANDS: Commands = {
    "sync": (_sync_options, _sync),
    "status": (_status_options, _status),
    "undelete": (_undelete_options, _undelete),
}
