"""What one command has at hand: options, settings, the vault when it is needed, and the two outputs."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from app import settings_file
from app.cli.console import Console
from app.errors import NoVaultChosen

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from app.session import Session
    from app.settings import Settings
    from vault.vault import Vault


class Context:
    """Lives as long as one command. `vault` is unlocked when it is first used, and locked by `close`."""

    def __init__(
        self,
        arguments: Namespace,
        *,
        only_reads: bool = False,
        console: Console | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        """Nothing is opened yet; the settings are read, and kept in `layers` with where each is from."""
        self.arguments = arguments
        self._only_reads = only_reads
        self.as_json: bool = arguments.json
        self.console = console or Console()
        self.layers = settings_file.layers(environ)
        self.now = datetime.now(UTC)
        self._session: Session | None = None

    @property
    def settings(self) -> Settings:
        """The settings in force; those of the vault count from its first use on."""
        return self.layers.settings

    @property
    def path(self) -> str:
        """The vault's folder: --vault, STRONGROOM_VAULT or the settings.

        Raises:
            NoVaultChosen: none of them names one.
        """
        path: str = self.arguments.vault or self.settings.vault
        if not path:
            raise NoVaultChosen
        return os.path.expanduser(path)

    @property
    def session(self) -> Session:
        """The session of this command, locked until something unlocks it."""
        if self._session is None:
            from app.session import Session
            from vault.records import Origin

            self._session = Session(self.settings, origin=Origin.COMMAND_LINE)
            self._session.only_reads = self._only_reads
        return self._session

    @property
    def vault(self) -> Vault:
        """The vault, unlocked on first use with the credential that the options name, or a question.

        Raises:
            AppError, VaultError: as `app.credentials.unlock`.
        """
        if not self.session.is_open:
            from app import credentials
            from app.cli import terminal, under_way

            self.session.ask_mfa = credentials.mfa_asker(terminal.ask_hidden)
            with under_way.steps(self, "checking this copy of the vault", _values) as steps:
                credentials.unlock(
                    self.session,
                    self.path,
                    credentials.sources(self.settings, vars(self.arguments)),
                    terminal.ask_hidden,
                    accept_older=self.arguments.accept_older,
                    steps=steps,
                )
            self.layers = self.layers.of_vault(self.session.vault.preferences.all())
            self.session.settings = self.settings
            expired, purged = self.session.swept
            if expired or purged:
                self.say(f"expired and moved to the trash: {expired}; purged from the trash: {purged}")
            if not self._only_reads and self.session.vault.leases.any_open():
                self._sweep_leases()
        return self.session.vault

    def _sweep_leases(self) -> None:
        from app.cli.lease import tell_swept
        from app.leases.sweep import sweep

        tell_swept(self, sweep(self.session.vault))

    def close(self) -> None:
        """Lock the vault if it is open."""
        if self._session is not None:
            from app.session import Reason

            if self._session.is_open and (why := self._session.vault.outside.put_off):
                self.say(f"the KMS key will wrap it later: {why}; see `strongroom key-policy rewrap`")
            self._session.lock(Reason.QUIT)

    def line(self, text: str) -> None:
        """A line of the answer, on stdout; nothing for an empty text."""
        if text:
            self.console.line(text)

    def say(self, text: str) -> None:
        """Lines to the person, on stderr, made printable: others may have named things. Never a value."""
        from app.display import printable  # a plain get says nothing

        self.console.say("\n".join(map(printable, text.split("\n"))))

    def data(self, answer: Any) -> None:  # noqa: ANN401  # whatever JSON can say
        """The answer as JSON, on stdout; ASCII, so that no text can disturb a terminal or a locale."""
        import json

        self.console.line(json.dumps(answer, indent=2))

    def octets(self, octets: bytes | bytearray) -> None:
        """Octets of the answer, on stdout, as they are."""
        self.console.octets(octets)

    def agreed(self, question: str) -> bool:
        """Whether to go on: --yes was given, or the person at the terminal says so; else False."""
        if getattr(self.arguments, "yes", False):
            return True
        return self.is_interactive and self.console.confirm(question)

    @property
    def is_interactive(self) -> bool:
        """Whether a person types at stdin and reads stderr."""
        return self.console.stdin_is_terminal and self.console.stderr_is_terminal


def _values(count: int) -> str:
    from app import display

    return display.count(count, "value")
