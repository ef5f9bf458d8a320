"""The window's end: listens for commands while a vault is open, has a person asked, runs what may run.

A thread accepts, one more serves each caller. `cut` ends all of it at once, in whatever it is.
"""

from __future__ import annotations

import os
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Final, NamedTuple

from app import settings_file, settings_place, wording
from app.authority import door, frames, grants, hosting
from app.authority.callers import Stranger
from app.authority.door import Taken
from app.authority.frames import Cut, Wire
from app.authority.grants import Grants, Span
from app.authority.hosting import NotServed
from app.display import printable
from app.errors import AccessBarred, AccessRefused, AccessUnanswered
from vault.audit import Event as Logged
from vault.records import Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from app.authority.callers import Caller
    from app.authority.hosting import Command, Request
    from app.authority.transport import Door, Visit
    from app.session import Session
    from vault.vault import Vault

MOST_CALLERS: Final = 64  # at once; the next ones unlock by themselves
MOST_QUESTIONS: Final = 32  # that wait for the person; the next ones are refused
WAIT_SECONDS: Final = 60.0  # for the person
LOOK_SECONDS: Final = 0.2  # how often a waiting thread looks whether its caller is still there
REQUEST_SECONDS: Final = 10.0
REPLY_SECONDS: Final = 600.0  # for what a person types, and for output that nobody reads
LONGEST_TOLD: Final = 1_024  # characters of a path or a program in a question and in the log
_SURROUNDINGS: Final = ("HOME", "TZ", "XDG_CONFIG_HOME", settings_place.CONFIG_VARIABLE)


class Question(NamedTuple):
    """What a person is asked. Texts are printable."""

    caller: Caller
    word: str  # of the command
    path: str  # all that it names; "" for nothing
    writes: bool
    answered: Event
    answer: list[Span]  # one, once it is answered

    def give(self, span: Span) -> None:
        """Answer; the first answer counts."""
        if not self.answered.is_set():
            self.answer.append(span)
            self.answered.set()


class Listener:
    """Serves the commands of one user on the vault of one session, from `open` to `cut`."""

    def __init__(
        self,
        session: Session,
        ask: Callable[[Question], None],
        withdraw: Callable[[Question], None],
        changed: Callable[[], None],
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        """Nothing listens yet. All callables are called on other threads and must return at once.

        Args:
            session: whose vault it is.
            ask: puts a question before a person, who answers it by `Question.give`.
            withdraw: takes it away again: nobody waits for its answer.
            changed: told when a command has changed the vault.
            wait_seconds: how long a caller waits for the person.
        """
        self._session, self._ask, self._withdraw, self._changed = session, ask, withdraw, changed
        self._wait_seconds = wait_seconds
        self._guard = Lock()
        self._door: Door | None = None
        self._ends: set[Visit] = set()
        self._questions: list[Question] = []
        self._twin: Vault | None = None
        self.grants = Grants()

    @property
    def is_open(self) -> bool:
        """Whether it listens."""
        return self._door is not None

    def open(self, kept: Grants | None = None) -> bool:
        """Listen for the session's open vault; whether it does: not where another window does already.

        Args:
            kept: what was granted in this session to another listener, which is cut by now.

        Raises:
            Locked: there is no open vault.
        """
        vault, epoch = self._session.vault, self._session.epoch
        never = grants.parsed(vault.preferences.get(grants.PREFERENCE))
        try:
            made = door.listen(vault.id, MOST_CALLERS)
        except Taken:
            return False
        return made is not None and self._begin(made, kept or Grants(never), epoch)

    def _begin(self, made: Door, kept: Grants, epoch: int) -> bool:
        with self._guard:
            if self._session.epoch != epoch:  # locked meanwhile
                made.close()
                return False
            self._door, self._twin, self.grants = made, None, kept
        Thread(target=self._accept, args=(made,), name="strongroom-door", daemon=True).start()
        return True

    def cut(self) -> None:
        """Stop listening; end what runs, what waits, and every grant. Harmless when nothing listens."""
        with self._guard:
            made, self._door = self._door, None
            ends, self._ends = self._ends, set()
            questions, self._questions = self._questions, []
            self.grants = Grants()
        if made is not None:
            made.close()
        for end in ends:
            end.cut()
        for question in questions:
            question.give(Span.REFUSED)

    def forget(self, identity: str) -> None:
        """Let a caller be asked about again; writes to the vault."""
        self.grants.forget(identity)
        self._keep_never(self._session.vault)

    def _keep_never(self, vault: Vault) -> None:
        vault.preferences.set({grants.PREFERENCE: grants.written(self.grants.never())})

    def _accept(self, made: Door) -> None:
        while True:
            try:
                end = made.accept()
            except OSError:
                return
            with self._guard:
                welcome = self._door is made and len(self._ends) < MOST_CALLERS
                if welcome:
                    self._ends.add(end)
            if welcome:
                Thread(target=self._serve, args=(end,), name="strongroom-caller", daemon=True).start()
            else:
                end.close()

    def _serve(self, end: Visit) -> None:
        try:
            self._attend(end, Wire(end))
        except (Cut, Stranger, OSError):
            pass
        finally:
            with self._guard:
                self._ends.discard(end)
            end.close()

    def _attend(self, end: Visit, wire: Wire) -> None:
        end.settimeout(REQUEST_SECONDS)
        caller = end.caller()
        wire.send(frames.WELCOME, frames.VERSION)
        request = hosting.receive(wire)
        end.settimeout(REPLY_SECONDS)
        try:
            code = self._run(end, wire, caller, self._command(request))
        except NotServed:
            wire.send(frames.AT_HOME)
            return
        except (Cut, Stranger):
            raise
        except Exception as error:  # noqa: BLE001  # told as every command tells it, without its data
            sentence, hint = wording.sentence_and_hint(error)
            text = f"strongroom: {printable(sentence)}\n  {printable(hint)}\n"
            wire.send(frames.SAY, text.encode("utf-8", "backslashreplace")[: frames.MAX_TEXT])
            code = wording.exit_code(error)
        wire.send(frames.END, bytes([code & 0xFF]))

    def _command(self, request: Request) -> Command:
        """What to run; NotServed where the settings, here or there, leave it to the caller."""
        if self._session.settings.terminal_access != "ask" or not _agree(request.variables):
            raise NotServed
        return hosting.understood(request)

    def _run(self, end: Visit, wire: Wire, caller: Caller, command: Command) -> int:
        self._admit(end, wire, caller, command)
        code = hosting.run(command, self._own_vault(end), _environ(command.request.variables), wire)
        if command.writes:
            self._changed()
        return code

    def _own_vault(self, end: Visit) -> Vault:
        with self._guard:
            if end not in self._ends:  # locked meanwhile; what is open now is not what was asked for
                raise Cut
            if self._twin is None or self._twin.closed:
                self._twin = self._session.twin(Origin.COMMAND_LINE)
            return self._twin

    def _admit(self, end: Visit, wire: Wire, caller: Caller, command: Command) -> None:
        """Let a caller in by what holds for it, or by a person's word.

        Raises:
            AccessBarred, AccessRefused, AccessUnanswered: it stays outside.
            Cut: it is gone.
        """
        kept = self.grants  # of this session: what a person says in it holds in no other
        span = kept.answer(caller, writes=command.writes)
        if span is None:
            wire.send(frames.ASKING)
            span = self._answer(end, caller, command)
            kept.keep(caller, span, writes=command.writes)
            if span is Span.NEVER:
                self._keep_never(self._own_vault(end))
            self._log(end, caller, command, span)
        if span is Span.NEVER:
            raise AccessBarred(caller.started_by)
        if span is Span.REFUSED:
            raise AccessRefused(caller.started_by)

    def _answer(self, end: Visit, caller: Caller, command: Command) -> Span:
        named = _told(" ".join(command.named))
        question = Question(_shown(caller), command.word, named, command.writes, Event(), [])
        with self._guard:
            if len(self._questions) >= MOST_QUESTIONS or self._door is None:
                raise AccessUnanswered("too many programs ask at once")
            self._questions.append(question)
        self._ask(question)
        deadline = monotonic() + self._wait_seconds
        try:
            while not question.answered.wait(LOOK_SECONDS):
                held = self.grants.answer(caller, writes=command.writes)
                if held is not None:
                    return held  # the same caller was answered meanwhile
                if end.is_gone():
                    raise Cut
                if monotonic() >= deadline:
                    raise AccessUnanswered(f"nobody answered within {self._wait_seconds:g} seconds")
            return question.answer[0]
        finally:
            with self._guard:
                if question in self._questions:
                    self._questions.remove(question)
            self._withdraw(question)

    def _log(self, end: Visit, caller: Caller, command: Command, span: Span) -> None:
        granted = span not in {Span.REFUSED, Span.NEVER}
        shown = _shown(caller)
        detail: dict[str, object] = {
            "program": shown.program,
            "parents": list(shown.parents),
            "folder": shown.folder,
            "command": command.word,
            "path": _told(command.path),
            "writes": command.writes,
        }
        if others := command.named[1:]:
            detail["others"] = _told(" ".join(others))
        if granted:
            detail["span"] = span.value
        self._own_vault(end).audit.append(
            Logged("access-granted" if granted else "access-refused", detail=detail)
        )


def _agree(variables: Mapping[str, str]) -> bool:
    """Whether the caller has the settings and the time zone that the window has."""
    return (
        variables.get("TZ", "") == os.environ.get("TZ", "")
        and settings_place.config_path(variables) == settings_place.config_path()
    )


def _environ(variables: Mapping[str, str]) -> dict[str, str]:
    """What settings are read from: the caller's choices, the window's file."""
    own = {name: os.environ[name] for name in _SURROUNDINGS if name in os.environ}
    chosen = {
        name: text
        for name, text in variables.items()
        if name.startswith(settings_file.ENVIRONMENT_PREFIX) and name != settings_place.CONFIG_VARIABLE
    }
    return {**own, **chosen}


def _told(text: str) -> str:
    """A text of a stranger: printable, and with both of its ends where it is cut."""
    half = LONGEST_TOLD // 2
    return printable(text if len(text) <= LONGEST_TOLD else f"{text[:half]} … {text[-half:]}")


def _shown(caller: Caller) -> Caller:
    """A caller in printable texts."""
    return caller._replace(
        program=_told(caller.program),
        parents=tuple(_told(one) for one in caller.parents),
        folder=_told(caller.folder),
    )
