"""`lease`, `leases`: a short-lived credential for one command, and what was lent so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import display
from app.cli import options
from app.errors import WrongUsage
from app.wording import DONE, FAILED
from vault.errors import Cancelled
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable

    from app.cli.commands import Commands
    from app.cli.context import Context
    from vault.lease import Lease


def _lease_options(parser: ArgumentParser) -> None:
    parser.usage = "strongroom lease PATH --for TIME [options] -- COMMAND [argument ...]"
    parser.description = (
        "Run a command with a credential that is made for it and revoked when it ends: a user of PostgreSQL,"
        " MySQL or MariaDB that may do what the entry's user may, or a session of AWS STS.\n\n"
        "The command gets it in its environment, under the names that the clients of the server read; no"
        " shell is in between. Its exit code is the answer; 1 if it was 0 and the credential could not be"
        " revoked. The vault stays open until then."
    )
    parser.add_argument("path", metavar="PATH", help="the entry whose access is lent")
    parser.add_argument(
        "--for", dest="length", type=options.span, required=True, metavar="TIME", help='such as "15m" or "1h"'
    )
    parser.add_argument(
        "--target", metavar="T", help="postgresql, mysql or iam, where the value does not say"
    )
    parser.add_argument("--admin", metavar="PATH", help="an entry whose user may make and drop others")
    parser.add_argument(
        "--option", action="append", type=options.pair, metavar="k=v", help="of the target; may be repeated"
    )
    parser.add_argument(
        "--env",
        action="append",
        type=options.pair,
        metavar="NAME=FIELD",
        help="one more variable, such as DB_PASS=password; may be repeated",
    )


def _lease(context: Context, arguments: Namespace) -> int:
    if not arguments.command:
        raise WrongUsage("name the command after --, as in `strongroom lease /shop/db --for 1h -- psql`")
    from app.leases.lend import Terms, lend

    terms = Terms(
        ParameterPath.parse(arguments.path),
        arguments.length,
        arguments.target or "",
        ParameterPath.parse(arguments.admin) if arguments.admin else None,
        options.pairs(arguments.option) or {},
        options.pairs(arguments.env) or {},
    )
    outcome = lend(context.vault, terms, arguments.command, ask_mfa=context.session.ask_mfa)
    if outcome.overdue:
        context.say("strongroom: the time of the lease was over; the command was ended")
    _tell(context, outcome.lease)
    return outcome.code or (FAILED if outcome.lease.problem else DONE)


def _leases_options(parser: ArgumentParser) -> None:
    parser.description = "The credentials that were lent, last made first; `revoke` takes open ones away now."
    parser.add_argument("--open", action="store_true", help="only those that are not gone")
    parser.add_argument("--limit", type=options.whole, default=50, metavar="N", help="default: 50")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    revoke = verbs.add_parser("revoke", help="revoke leases, whether their commands still run or not")
    revoke.add_argument("id", nargs="*", type=options.whole, metavar="ID", help="as `leases` lists them")
    revoke.add_argument("--all", action="store_true", help="every open one that can be revoked")
    revoke.add_argument(
        "--give-up", action="store_true", help="end them without asking a server that is gone for good"
    )
    options.yes(revoke)


def _leases(context: Context, arguments: Namespace) -> int:
    leases = context.vault.leases
    if arguments.verb == "revoke":
        return _revoke(context, arguments)
    _print(context, leases.open_ones() if arguments.open else leases.history(arguments.limit))
    return DONE


def _revoke(context: Context, arguments: Namespace) -> int:
    from app.leases.sweep import ask_to_revoke, give_up, is_revocable

    if bool(arguments.id) == arguments.all:
        raise WrongUsage("name leases by their ID, or say --all")
    vault = context.vault
    every = [lease for lease in vault.leases.open_ones() if is_revocable(lease)]
    asked = every if arguments.all else [vault.leases.find(one) for one in arguments.id]
    if arguments.give_up and not context.agreed("Give up without asking the server? What it has stays."):
        raise Cancelled("--yes gives up without asking")
    found = [(give_up if arguments.give_up else ask_to_revoke)(vault, lease) for lease in asked]
    if context.as_json:
        _print(context, found)
    for lease in found:
        _tell(context, lease)
    return FAILED if any(lease.problem for lease in found) else DONE


def tell_swept(context: Context, swept: Iterable[Lease]) -> None:
    """Say what became of leases that nobody looked after any more."""
    for lease in swept:
        if lease.ended_at is not None:
            context.say(f"lease {lease.id} of {lease.path} was left behind; {lease.holder} is gone now")
        else:
            _tell(context, lease)


def _tell(context: Context, lease: Lease) -> None:
    """Say what is left of a lease, if anything."""
    if lease.problem:
        problem = display.printable(lease.problem.rstrip("."))
        context.say(
            f"strongroom: lease {lease.id} of {lease.path} is not revoked: {problem}.\n"
            f"  {lease.holder} is tried again at the next unlock, or now by"
            f" `strongroom leases revoke {lease.id}`."
        )
    elif lease.ended_at is None:
        context.say(f"the session cannot be revoked; it ends by itself at {display.moment(lease.ends_at)}")


def _print(context: Context, leases: Iterable[Lease]) -> None:
    if context.as_json:
        context.data([_shape(lease) for lease in leases])
        return
    rows = [
        (
            str(lease.id),
            str(lease.path),
            lease.holder,
            display.printable(lease.program),
            display.moment(lease.made_at),
            _state(lease, context),
            display.printable(lease.problem),
        )
        for lease in leases
    ]
    context.line(display.table(("ID", "PATH", "HOLDER", "COMMAND", "MADE", "STATE", "PROBLEM"), rows))
    if not rows:
        context.say("nothing is lent; `strongroom lease PATH --for 1h -- COMMAND`")


def _state(lease: Lease, context: Context) -> str:
    if lease.ended_at is not None:
        return f"gone {display.moment(lease.ended_at)}"
    return "overdue" if lease.ends_at <= context.now else f"until {display.moment(lease.ends_at)}"


def _shape(lease: Lease) -> dict[str, object]:
    return {
        "id": lease.id,
        "path": str(lease.path),
        "target": lease.target,
        "holder": lease.holder,
        "program": lease.program,
        "made_at": display.iso(lease.made_at),
        "ends_at": display.iso(lease.ends_at),
        "ended_at": display.iso(lease.ended_at),
        "problem": lease.problem or None,
    }


COMMANDS: Commands = {"lease": (_lease_options, _lease), "leases": (_leases_options, _leases)}
