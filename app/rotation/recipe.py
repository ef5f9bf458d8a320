"""Recipe: how a target makes a new value here, from its options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app import generate
from app.errors import BadRotation
from app.rotation.target import Option
from app.rotation.targets.address import number
from vault.errors import Refused, Said, said_by

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.rotation.credential import Credential
    from vault.secret import Secret

OPTIONS: Final = (
    Option("kind", "what is generated: password, passphrase, hex, base64 or uuid", "password"),
    Option("preset", Said("which passwords: {known}", known=", ".join(generate.PRESETS)), "default"),
    Option("length", "characters of a password; the preset says how many where this is left out"),
    Option("exclude", "characters that a password may not have"),
    Option("words", "words of a passphrase", "7"),
    Option("octets", "random octets of hex and base64", "32"),
)
FIELD: Final = Option("field", "the field to replace where the value is a JSON object", "password")
_MOST: Final = 4096  # of each
_OF_KIND: Final = {
    "password": {"preset", "length", "exclude"},
    "passphrase": {"words"},
    "hex": {"octets"},
    "base64": {"octets"},
    "uuid": set[str](),
}


def generated(options: Mapping[str, str]) -> Secret:
    """A new value.

    Args:
        options: of the target; those that are not of `OPTIONS` are left alone.

    Raises:
        BadRotation: there is no such kind or preset, an option is none of this kind, a number is none, or
            nothing can be generated so.
    """
    said = {option.name: options.get(option.name) or option.default for option in OPTIONS}
    kind = said["kind"]
    if kind not in _OF_KIND:
        raise BadRotation(Said("kind={kind}: there are {of_kind}", kind=kind, of_kind=", ".join(_OF_KIND)))
    for name in ("preset", "length", "exclude", "words", "octets"):
        if options.get(name) and name not in _OF_KIND[kind]:
            raise BadRotation(
                Said("{name} says nothing about kind={kind}; leave it out", name=name, kind=kind)
            )
    try:
        if kind == "passphrase":
            return generate.passphrase(number("words", said["words"], _MOST)).value
        if kind == "hex":
            return generate.token_hex(number("octets", said["octets"], _MOST)).value
        if kind == "base64":
            return generate.token_base64(number("octets", said["octets"], _MOST)).value
        if kind == "uuid":
            return generate.uuid().value
        return generate.password(_spec(said)).value
    except Refused as error:
        raise BadRotation(Said("nothing can be generated so: {why}", why=said_by(error))) from None


def renewed(current: Credential, options: Mapping[str, str]) -> Secret:
    """The current value with a newly generated one in its place, or in its field where it is a JSON object.

    Args:
        current: the value that is replaced.
        options: as in `generated`, and `field`.

    Raises:
        BadRotation: a field is named and the value has none of this name; the value is a JSON object
            without "password" and no field is named; the field is a list or an object; or as `generated`.
    """
    named = options.get(FIELD.name, "")
    field = named or FIELD.default
    if not named and not current.is_object():
        return generated(options)
    if not current.has(field):
        raise BadRotation(
            Said('the value has no field "{field}"; say which is to be replaced with field=NAME', field=field)
        )
    current.get(field)  # refuses a list or an object
    with generated(options) as new:
        return current.changed(**{field: new.reveal_text()})


def _spec(said: Mapping[str, str]) -> generate.PasswordSpec:
    preset = said["preset"]
    if preset not in generate.PRESETS:
        raise BadRotation(
            Said("preset={preset}: there are {presets}", preset=preset, presets=", ".join(generate.PRESETS))
        )
    spec = generate.PRESETS[preset]
    length = number("length", said["length"], _MOST) if said["length"] else spec.length
    return spec._replace(length=length, exclude=spec.exclude + said["exclude"])
