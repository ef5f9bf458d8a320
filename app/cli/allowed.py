"""`allowed`: what the vault may start and reach by itself on this computer; and the question before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import allowed, display, settings
from app.errors import WrongUsage
from app.wording import DONE
from vault.errors import NotFound

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable

    from app.allowed import Wish
    from app.cli.commands import Commands
    from app.cli.context import Context
    from app.settings_file import Looser
    from app.unasked import Doing
    from vault.paths import ParameterPath


def agreed(context: Context, paths: Iterable[ParameterPath]) -> bool:
    """Show what the rotations of entries would start and reach, and have a person allow it; it is remembered.

    Returns:
        Whether --allow was given, or the person at the terminal says so.
    """
    wanted = allowed.wanting(context.vault, paths)
    for wish in wanted:
        context.say(f"{display.printable(wish.subject)}: not allowed on this computer so far")
        for kind, text in wish.destinations:
            context.say(f"  {kind.value}")
            context.say("\n".join(f"    {line}" for line in text.split("\n")))
        if wish.admin:
            context.say(f"  with the credential of {display.printable(wish.admin)}")
    question = "Do this, now and by itself from now on? A program is run as you, without a shell, in /."
    if not context.arguments.allow and not (context.is_interactive and context.console.confirm(question)):
        return False
    allowed.allow(wanted)
    return True


def _options(parser: ArgumentParser) -> None:
    parser.description = (
        "What the vault would start and connect to by itself. A vault may come from somebody else: what was"
        " not set up, started or allowed on this computer is left undone. Another program, server or setting"
        " is asked about again. Settings of the vault that protect less than yours follow."
    )
    parser.add_argument("--allow", action="append", metavar="ID", help="let it happen; may be repeated")
    parser.add_argument("--withdraw", action="append", metavar="ID", help="let it happen no more")


def _run(context: Context, arguments: Namespace) -> int:
    from app.unasked import doings

    found = doings(context.vault)
    if arguments.allow or arguments.withdraw:
        given, taken = (_named(found, ids or ()) for ids in (arguments.allow, arguments.withdraw))
        allowed.allow(given)
        allowed.withdraw(taken)
        found = doings(context.vault)
    looser = context.layers.looser
    if context.as_json:
        context.data(
            {
                "unasked": [_shape(one) for one in found],
                "settings": [
                    {"name": one.option.name, "value": one.vault, "yours": one.mine} for one in looser
                ],
            }
        )
        return DONE
    rows = [
        (
            one.wish.id,
            "yes" if one.is_allowed else "no",
            one.wish.what.value,
            display.printable(one.wish.subject),
            one.when,
            "; ".join(f"{each.kind.value} {each.line}" for each in one.wish.destinations)
            or "what its value names",
        )
        for one in found
    ]
    if rows:
        context.line(display.table(("ID", "ALLOWED", "WHAT", "OF", "WHEN", "REACHES"), rows))
    else:
        context.say("this vault reaches nothing outside of itself")
    if looser:
        _show_looser(context, looser, "\n" if rows else "")
    return DONE


def _show_looser(context: Context, looser: Iterable[Looser], before: str) -> None:
    """The vault's own settings that protect less than the person's, or do more unasked; and the way back."""
    rows = [
        (one.option.name, settings.written(one.vault), settings.written(one.mine), one.option.about.help)
        for one in looser
    ]
    context.line(before + display.table(("SETTING", "THIS VAULT", "YOURS", "WHAT"), rows))
    context.say("`strongroom config unset SETTING --this-vault` has one as yours again")


def _named(found: Iterable[Doing], ids: Iterable[str]) -> list[Wish]:
    """The wishes of these ids.

    Raises:
        NotFound: there is none of one of them, or not any more.
        WrongUsage: several have one; nobody can tell which is meant.
    """
    wishes = [one.wish for one in found]
    named = []
    for asked in ids:
        fitting = [wish for wish in wishes if wish.id == asked]
        if not fitting:
            message = f"nothing of this vault has the id {asked[:32]}"
            raise NotFound("ResourceNotFoundException", message, "allowed")
        if len(fitting) > 1:
            raise WrongUsage(f"several have the id {asked}")
        named += fitting
    return named


def _shape(one: Doing) -> dict[str, object]:
    return {
        "id": one.wish.id,
        "allowed": one.is_allowed,
        "what": one.wish.what.value,
        "of": one.wish.subject,
        "when": one.when,
        "by_itself": one.by_itself,
        "reaches": [{"kind": kind.value, "text": text} for kind, text in one.wish.destinations],
    }


COMMANDS: Commands = {"allowed": (_options, _run)}
