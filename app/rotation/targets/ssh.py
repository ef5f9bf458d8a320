"""SSH: a key pair. A program of yours takes the public key to where it has to be; the private key stays here.

The new key is proven by a real login, from an agent of its own: a private key is never on disk.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import contextmanager
from datetime import timedelta
from shutil import which
from typing import TYPE_CHECKING, Final, NamedTuple

from app.errors import BadRotation, ProofFailed, TargetRefused, TargetUnreachable
from app.language import marked
from app.rotation.mask import Mask
from app.rotation.program import MAX_SECONDS, Program, arguments
from app.rotation.target import FollowUp, Option, Overlap
from app.rotation.targets.address import number
from vault.errors import Said
from vault.records import Strategy
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from app.rotation.credential import Credential
    from app.rotation.target import Attempt
    from vault.records import Rotation

REMOVE: Final = "remove"
_ADD: Final = "add"
_TOUCHED: Final = "touched"  # in the memo: the new public key may be where it lets in
_PLACES: Final = ("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin")  # of OpenSSH's programs
_QUICK: Final = 10.0  # seconds that a program of OpenSSH may take on this machine
_OF_SSH: Final = 255  # what ssh ends with where it is not the command there
_DENIED: Final = "Permission denied"
_KINDS: Final = ("ed25519", "rsa-4096")


class Ssh:
    """See the protocol. The value is `{"private_key", "public_key", "username", "host", "port"}`."""

    name: str = "ssh"
    summary: str = marked(
        "an SSH key pair; a program delivers the public key, and takes the old one away later"
    )
    options: tuple[Option, ...] = (
        Option("deliver", "program that adds and removes public keys; it is told on stdin", required=True),
        Option("key", "what the new key is: ed25519 or rsa-4096", "ed25519"),
        Option("test", "program that logs in by the agent at SSH_AUTH_SOCK; instead of a login here"),
        Option("test_command", "what the login here runs there", "true"),
        Option("known_hosts", "file with the host's key; the user's own if left out"),
        Option("timeout", Said("seconds that a program may take, at most {most}", most=MAX_SECONDS), "60"),
    )
    strategies: tuple[Strategy, ...] = (Strategy.SINGLE,)
    takes_admin: bool = False
    grace: timedelta = timedelta(days=1)

    def overlap(self, rotation: Rotation) -> Overlap:  # noqa: ARG002 - the protocol's
        """See the protocol."""
        return Overlap.UNTIL_DROPPED

    def check(self, rotation: Rotation, current: Credential, admin: Credential | None) -> None:  # noqa: ARG002
        """See the protocol."""
        options = rotation.options
        arguments("deliver", options.get("deliver", ""))
        number("timeout", options.get("timeout", "60"), MAX_SECONDS)
        if (kind := options.get("key", _KINDS[0])) not in _KINDS:
            raise BadRotation(Said("key={kind}: there are {kinds}", kind=kind, kinds=", ".join(_KINDS)))
        _public_half(current)
        if test := options.get("test"):
            arguments("test", test)
            return
        if not (current.has("host") and current.has("username")):
            raise BadRotation(Said("give the value a host and a username to log in with, or the option test"))
        _Login.of(current)
        known = options.get("known_hosts")
        if known and not (os.path.isabs(known) and os.path.isfile(known) and '"' not in known):
            raise BadRotation(
                Said("known_hosts={known}: say the full path of a file; ssh-keyscan makes one", known=known)
            )

    def create(self, attempt: Attempt) -> Secret:
        """See the protocol."""
        current = attempt.current()
        comment = current.get("public_key").split(" ", 2)[2:]
        private, public = _generate(attempt.option("key"))
        with private:
            return current.changed(
                private_key=private.reveal_text(), public_key=" ".join([public, *comment]).strip()
            )

    def set(self, attempt: Attempt) -> None:
        """See the protocol: the program is told to add the new public key."""
        attempt.remember(**{_TOUCHED: True})
        _deliver(attempt, _ADD, attempt.pending(), attempt.current())

    def test(self, attempt: Attempt) -> None:
        """See the protocol: a login with the new key, and no other."""
        _prove(attempt, attempt.pending(), attempt.current())

    def undo(self, attempt: Attempt) -> None:
        """See the protocol: the old public key is added if it has to be, and the new one is removed."""
        if attempt.memo.get(_TOUCHED):
            pending, current = attempt.pending(), attempt.current()
            _deliver(attempt, _ADD, current, pending)
            _prove(attempt, current, pending)
            _deliver(attempt, REMOVE, current, pending)

    def follow_ups(self, attempt: Attempt) -> tuple[FollowUp, ...]:  # noqa: ARG002 - there is one
        """See the protocol: as soon as the grace time is over."""
        return (FollowUp(timedelta(0), REMOVE),)

    def follow(self, attempt: Attempt, action: str) -> None:
        """See the protocol: the old public key is removed, once more after the new one has let in."""
        self.test(attempt)
        _deliver(attempt, action, attempt.pending(), attempt.current())


class _Login(NamedTuple):
    """Where a key lets in."""

    user: str
    host: str
    port: str

    @classmethod
    def of(cls, value: Credential) -> _Login:
        found = cls(value.need("username"), value.need("host"), value.get("port") or "22")
        for name, text in found._asdict().items():
            if text.startswith("-") or not text.isprintable() or " " in text:
                raise BadRotation(Said("the {name} in the value is no name that ssh takes", name=name))
        if not (found.port.isascii() and found.port.isdecimal()):
            raise BadRotation(Said("the port in the value is no number"))
        return found


def _generate(kind: str) -> tuple[Secret, str]:
    """A new pair: the private key as OpenSSH writes it, and the public key without a comment."""
    from cryptography.hazmat.primitives import serialization as forms
    from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

    key: Ed25519PrivateKey | RSAPrivateKey
    key = ed25519.Ed25519PrivateKey.generate() if kind == _KINDS[0] else rsa.generate_private_key(65537, 4096)
    private = key.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.OpenSSH, forms.NoEncryption())
    public = key.public_key().public_bytes(forms.Encoding.OpenSSH, forms.PublicFormat.OpenSSH)
    return Secret(private), public.decode("ascii")


def _public_half(value: Credential) -> str:
    """The public key that belongs to a private one; with the comment that the value has.

    Raises:
        BadRotation: there is no private key that can be read without a passphrase.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization as forms

    octets = value.need("private_key").encode()
    try:
        load = forms.load_ssh_private_key if b"OPENSSH" in octets[:64] else forms.load_pem_private_key
        public = load(octets, None).public_key()
        shown = public.public_bytes(forms.Encoding.OpenSSH, forms.PublicFormat.OpenSSH).decode("ascii")
    except (ValueError, TypeError, UnsupportedAlgorithm):
        msg = Said('the "private_key" in the value is no private key of OpenSSH, or needs a passphrase')
        raise BadRotation(msg) from None
    return " ".join([shown, *value.get("public_key").split(" ", 2)[2:]])


def _request(attempt: Attempt, action: str, valid: Credential, old: Credential) -> bytes:
    told = {
        "action": action,
        "public_key": _public_half(valid),
        "old_public_key": _public_half(old),
        "SecretId": str(attempt.path),
        **{name: valid.get(name) for name in ("username", "host", "port") if valid.has(name)},
    }
    return json.dumps(told).encode() + b"\n"


def _deliver(attempt: Attempt, action: str, valid: Credential, old: Credential) -> None:
    """Have the program add `valid`, or remove `old`."""
    _run(attempt, "deliver", attempt.option("deliver"), _request(attempt, action, valid, old))


def _run(attempt: Attempt, option: str, program: str, told: bytes, socket: str = "") -> None:
    """Run a program of the person, and log what it says.

    Raises:
        TargetRefused, ProofFailed: it did not end with 0; the second for `test`.
        TargetUnanswered: it took too long.
    """
    environment = {"SSH_AUTH_SOCK": socket} if socket else {}
    limit = number("timeout", attempt.option("timeout"), MAX_SECONDS)
    mask = Mask(attempt.current(), attempt.pending())
    with Program(
        arguments(option, program), limit, environment=environment, turn=lambda: attempt.wait(0)
    ) as running:
        running.send(told)
        running.close_input()
        said = [line.decode("utf-8", "replace") for line in running.lines()] + running.errors()
    shown = [mask(line) for line in said if line.strip()][-20:]
    for line in shown:
        attempt.log(Said("{option}: {line}", option=option, line=line))
    if running.status:
        kind = ProofFailed if option == "test" else TargetRefused
        raise kind(
            Said(
                "{option} ended with {status}: {line}",
                option=option,
                status=running.status,
                line=shown[-1] if shown else Said("it said nothing"),
            )
        )


def _prove(attempt: Attempt, value: Credential, other: Credential) -> None:
    """Log in with the key of a value, here or by the option "test".

    Raises:
        ProofFailed: it does not let in.
        TargetUnreachable, TargetUnanswered: that could not be found out.
    """
    with _agent(value) as socket:
        if program := attempt.option("test"):
            _run(attempt, "test", program, _request(attempt, "test", value, other), socket)
        else:
            _log_in(attempt, value, socket)


def _log_in(attempt: Attempt, value: Credential, socket: str) -> None:
    """Log in with the one key of an agent.

    Raises:
        ProofFailed: the key does not let in, or the command there fails.
        TargetUnreachable: the host does not answer, or is not the one that is known.
    """
    login, limit = _Login.of(value), number("timeout", attempt.option("timeout"), MAX_SECONDS)
    public = os.path.join(os.path.dirname(socket), "key.pub")
    with open(public, "w", encoding="utf-8") as file:  # chooses the key of the agent; it is no secret
        file.write(_public_half(value) + "\n")
    options = [
        "BatchMode=yes", "IdentitiesOnly=yes", f'IdentityFile="{public}"', f'IdentityAgent="{socket}"',
        "PreferredAuthentications=publickey", "StrictHostKeyChecking=yes", "ControlPath=none",
        "ForwardAgent=no", "ClearAllForwardings=yes", f"ConnectTimeout={limit}",
    ]  # fmt: skip
    if known := attempt.option("known_hosts"):
        options += [f'UserKnownHostsFile="{known}"', "GlobalKnownHostsFile=none"]
    words = [_openssh("ssh"), "-F", "none", "-T", "-n", "-p", login.port, "-l", login.user]
    words += [word for option in options for word in ("-o", option)]
    words += ["--", login.host, attempt.option("test_command")]
    with Program(words, limit, turn=lambda: attempt.wait(0)) as running:
        running.close_input()
        for _ in running.lines():
            pass
        said = [Mask(value)(line) for line in running.errors() if line.strip()]
    reason = said[-1] if said else Said("it said nothing")
    if running.status == _OF_SSH and not any(_DENIED in line for line in said):
        raise TargetUnreachable(Said("ssh to {host}: {reason}", host=login.host, reason=reason))
    if running.status:
        raise ProofFailed(
            Said(
                "ssh to {host} with the key ended with {status}: {reason}",
                host=login.host,
                status=running.status,
                reason=reason,
            )
        )


@contextmanager
def _agent(value: Credential) -> Iterator[str]:
    """The socket of an agent with one private key, which came by a pipe; the agent ends with the context.

    Raises:
        TargetUnanswered: it does not start.
        ProofFailed: it does not take the key.
    """
    with tempfile.TemporaryDirectory(prefix="strongroom-") as folder:
        socket = os.path.join(folder, "agent")
        with Program([_openssh("ssh-agent"), "-D", "-a", socket], _QUICK) as agent:
            next(agent.lines(), b"")  # it says where it listens once it does
            told = {"SSH_AUTH_SOCK": socket}
            with Program([_openssh("ssh-add"), "-q", "-"], _QUICK, environment=told) as adding:
                adding.send(value.need("private_key").strip().encode() + b"\n")
                adding.close_input()
                for _ in adding.lines():
                    pass
            if adding.status:
                raise ProofFailed(
                    Said("ssh-add does not take the new key: it ended with {status}", status=adding.status)
                )
            yield socket


def _openssh(program: str) -> str:
    found = which(program, path=os.pathsep.join(_PLACES))
    if found is None:
        raise BadRotation(
            Said(
                "there is no {program} in {places}; install OpenSSH, or use the option test",
                program=program,
                places=", ".join(_PLACES),
            )
        )
    return found
