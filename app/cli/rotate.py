"""`rotate`, `rotations`, `run-due`: rotating now, what became of it, and what is due."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from app import display
from app.cli import options, rotation_shapes
from app.cli.allowed import agreed
from app.errors import NotAllowed, RotationUnfinished, WrongUsage
from app.rotation import words
from app.rotation.steps import explain, next_move
from app.wording import DONE, exit_code, sentence_and_hint
from vault.errors import Cancelled, VaultError
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from app.cli.commands import Commands
    from app.cli.context import Context
    from app.rotation.overlap import Overlap
    from app.rotation.rounds import Turn
    from vault.records import RotationRun

_GONE: Final = "Its entry or its target is not there: restore the entry or install the plug-in, then resume."


def _rotate_options(parser: ArgumentParser) -> None:
    parser.description = (
        "Rotate entries now: make a new credential, set it, test it, and only then make it current. Where a"
        " remote is linked, AWS is told in the same act."
    )
    parser.add_argument("path", metavar="PATH", nargs="+", help="entries; several are rotated at once")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--plan", action="store_true", help="say what would be done, and stop")
    how.add_argument("--resume", action="store_true", help="go on with a rotation that stopped")
    how.add_argument("--roll-back", action="store_true", help="undo a rotation that stopped")
    how.add_argument(
        "--give-up", action="store_true", help="end one without asking its target, which is gone for good"
    )
    options.yes(parser)
    options.allow(parser)
    parser.add_argument(
        "--end-grace",
        action="store_true",
        help="take the credential before away now, if it is still left alone",
    )


def _rotate(context: Context, arguments: Namespace) -> int:
    from app.rotation.rounds import each
    from app.rotation.run import Rotating

    vault = context.vault
    if arguments.end_grace and (arguments.resume or arguments.roll_back or arguments.give_up):
        raise WrongUsage("--end-grace is for a new rotation")
    ask_mfa = context.session.ask_mfa
    paths = [ParameterPath.parse(text) for text in arguments.path]
    if arguments.plan:
        _plan(context, paths)
        return DONE
    if arguments.give_up and not context.agreed("Give up without asking the target? Its state is not known."):
        raise Cancelled("--yes gives up without asking")
    if arguments.give_up:
        from app.rotation.giving_up import give_up

        return _told(context, each(paths, lambda path: give_up(vault, path)))
    tell = _teller(context, several=len(paths) > 1)

    def turn(path: ParameterPath) -> RotationRun:
        rotating = Rotating(vault, path, told=tell, ask_mfa=ask_mfa)
        if arguments.resume:
            return rotating.resume()
        if arguments.roll_back:
            return rotating.roll_back()
        return rotating.start(end_grace=arguments.end_grace)

    return _told(context, _after_question(context, each(paths, turn), turn))


def _after_question(
    context: Context, turns: list[Turn], turn: Callable[[ParameterPath], RotationRun]
) -> list[Turn]:
    """Try again what was not allowed on this computer, if a person allows it now."""
    from app.rotation.rounds import each

    held = [one.path for one in turns if isinstance(one.error, NotAllowed)]
    if not held or not agreed(context, held):
        return turns
    again = {one.path: one for one in each(held, turn)}
    return [again.get(one.path, one) for one in turns]


def _plan(context: Context, paths: Iterable[ParameterPath]) -> None:
    from app.rotation.outline import outline

    found = [outline(context.vault, path) for path in dict.fromkeys(paths)]
    if context.as_json:
        context.data(
            [{"path": str(one.path), "steps": [step._asdict() for step in one.steps]} for one in found]
        )
        return
    for one in found:
        context.line(f"{one.path}:")
        context.line(display.table(("STEP", "WHAT"), [tuple(step) for step in one.steps], indent="  "))


def _rotations_options(parser: ArgumentParser) -> None:
    parser.description = "The rotations that were run, last begun first, and what became of each."
    parser.add_argument("path", metavar="PATH", nargs="?", help="of one entry")
    parser.add_argument("--limit", type=options.whole, default=50, metavar="N", help="default: 50")
    parser.add_argument("--open", action="store_true", help="only those that were not finished")
    parser.add_argument("--log", action="store_true", help="with the log of each")


def _rotations(context: Context, arguments: Namespace) -> None:
    from app.rotation.setting import overlaps

    path = ParameterPath.parse(arguments.path) if arguments.path else None
    runs = context.vault.rotations.runs(path, arguments.limit)
    if arguments.open:
        runs = [run for run in context.vault.rotations.open_runs() if path in (None, run.path)]
    if context.as_json:
        known = overlaps(context.vault)
        context.data([rotation_shapes.run(run, known.get(run.entry_id)) for run in runs])
        return
    if not arguments.log:
        print_runs(context, runs)
        return
    for run in runs:
        print_runs(context, [run])
        for line in run.log:
            context.line(f"  {display.moment(line.at, seconds=True)}  {display.printable(line.text)}")


def _run_due_options(parser: ArgumentParser) -> None:
    parser.description = (
        "Do what is due: rotations by their schedules, new tries of failed ones, and what is left to do to"
        " old credentials after their grace time. For a timer, such as cron or systemd."
    )
    parser.add_argument("--missed", action="store_true", help="also rotations whose window has passed")
    parser.add_argument("--plan", action="store_true", help="say what is due, and stop")


def _run_due(context: Context, arguments: Namespace) -> int:
    from app.rotation.due import due
    from app.rotation.rounds import run_due

    vault = context.vault
    if arguments.plan:
        found = due(vault, vault.now())
        if context.as_json:
            context.data(
                [
                    {"path": str(one.rotation.path), "reason": one.reason.value, "at": display.iso(one.at)}
                    for one in found
                ]
            )
            return DONE
        rows = [(str(one.rotation.path), one.reason.value, display.moment(one.at)) for one in found]
        context.line(display.table(("PATH", "REASON", "SINCE"), rows))
        return DONE
    turns = run_due(
        vault, missed=arguments.missed, told=_teller(context, several=True), ask_mfa=context.session.ask_mfa
    )
    return _told(context, turns)


def print_runs(context: Context, runs: Sequence[RotationRun]) -> None:
    """A table of runs, for a person; of those that are open, what holds."""
    rows = [
        (
            display.moment(run.started_at),
            str(run.path),
            run.target,
            run.cause.value,
            f"stopped at {run.state.value}" if run.problem and run.ended_at is None else run.state.value,
            f"{run.base} to {run.pending}" if run.pending else "",
            words.gap_length(run),
            run.problem if run.ended_at is None else "",
        )
        for run in runs
    ]
    headings = ("STARTED", "PATH", "TARGET", "CAUSE", "STATE", "VERSIONS", "GAP", "PROBLEM")
    context.line(display.table(headings, rows))
    if left := [run for run in runs if run.ended_at is None]:
        tell_open(context, left)


def tell_open(context: Context, runs: Iterable[RotationRun]) -> None:
    """What holds while runs are open and what can be done, in plain words, on stderr."""
    from app.rotation.setting import overlaps

    known = overlaps(context.vault)
    paths = {rotation.entry_id: rotation.path for rotation in context.vault.rotations.listed()}
    for run in runs:
        overlap = known.get(run.entry_id)
        holds = f"{explain(run, overlap)} {next_move(run)}" if overlap else _GONE
        path = paths.get(run.entry_id, run.path)  # it may have moved
        context.say(display.printable(f"{path}: {words.outcome_words(run)}. {holds}"))


class _Teller:
    """Tells each line of a run's log once, on stderr; those of an earlier try are left out."""

    def __init__(self, context: Context, *, several: bool) -> None:
        self._context, self._several = context, several
        self._told: dict[int, int] = {}

    def __call__(self, run: RotationRun) -> None:
        """Say what is new in the log of a run."""
        earlier = sum(line.at < self._context.now for line in run.log)
        before = self._told.setdefault(run.id, earlier)
        self._told[run.id] = len(run.log)
        for line in run.log[before:]:
            where = f"{run.path}: " if self._several else ""
            self._context.say(display.printable(where + line.text))


def _teller(context: Context, *, several: bool) -> _Teller:
    return _Teller(context, several=several)


def _told(context: Context, turns: list[Turn]) -> int:
    from app.rotation.setting import overlaps

    if context.as_json:
        known = overlaps(context.vault)
        open_ones = {run.path: run for run in context.vault.rotations.open_runs()}
        context.data(
            [_turn(turn._replace(run=turn.run or open_ones.get(turn.path)), known) for turn in turns]
        )
    stopped = {turn.path for turn in turns if turn.error and not isinstance(turn.error, RotationUnfinished)}
    if stopped:
        with suppress(VaultError):  # what stopped them is told below
            tell_open(context, [run for run in context.vault.rotations.open_runs() if run.path in stopped])
    if len(turns) == 1 and turns[0].error is not None:
        raise turns[0].error
    for turn in turns:
        if turn.error is not None:
            sentence, hint = sentence_and_hint(turn.error)
            context.say(f"{display.printable(f'{turn.path}: {sentence}')}\n  {display.printable(hint)}")
    return max((exit_code(turn.error) for turn in turns if turn.error is not None), default=DONE)


def _turn(turn: Turn, known: Mapping[int, Overlap]) -> dict[str, object]:
    return {
        "path": str(turn.path),
        "run": turn.run and rotation_shapes.run(turn.run, known.get(turn.run.entry_id)),
        "error": turn.error and sentence_and_hint(turn.error)[0],
        "hint": turn.error and sentence_and_hint(turn.error)[1],
    }


COMMANDS: Commands = {
    "rotate": (_rotate_options, _rotate),
    "rotations": (_rotations_options, _rotations),
    "run-due": (_run_due_options, _run_due),
}
