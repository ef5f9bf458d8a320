"""Secrets that AWS rotates: beginning that, and seeing how far it is. Rules: reference section 2.5."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from app.aws import answers, secret_rows
from app.aws.staging import Staging
from app.errors import AwsDenied, AwsMissing, AwsRefused, TargetRefused
from vault.errors import Said
from vault.labels import CURRENT, PENDING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.ports import Caller


class Stand(NamedTuple):
    """How far the rotation of a secret is."""

    held: Mapping[str, str]  # staging label to version
    is_set_up: bool  # whether a function, or a service of AWS, rotates it

    @property
    def current(self) -> str:
        """The version with AWSCURRENT; "" for none."""
        return self.held.get(CURRENT, "")

    @property
    def under_way(self) -> str:
        """The version that a rotation is making; "" for none."""
        at = self.held.get(PENDING, "")
        return "" if at == self.current else at


class SecretRotation:
    """The secrets of one account and region, as far as AWS rotates them."""

    def __init__(self, caller: Caller) -> None:
        """Take a caller of the service "secretsmanager"."""
        self._caller, self._staging = caller, Staging(caller)

    def stand(self, name: str) -> Stand:
        """How far it is.

        Raises:
            AwsMissing: the secret is not there, or deleted.
        """
        answer = self._staging.described(name)
        if answer is None:
            raise AwsMissing(Said("there is no secret {name}", name=name))
        told = (answers.text_or(answer, "RotationLambdaARN"), answers.text_or(answer, "OwningService"))
        return Stand(secret_rows.stages_of(answer), any(told) or answers.flag(answer, "RotationEnabled"))

    def begin(self, name: str, token: str) -> None:
        """Have AWS rotate a secret; begun again with the same token, nothing is doubled.

        Raises:
            TargetRefused: no function rotates it, AWS may not call that, or another rotation is under way.
        """
        try:
            self._caller.call("RotateSecret", SecretId=name, ClientRequestToken=token)
        except (AwsRefused, AwsDenied) as error:
            stand = self.stand(name)
            if token in stand.held.values():
                return
            if not stand.is_set_up:
                raise TargetRefused(no_function(name)) from None
            if stand.under_way:
                raise TargetRefused(in_progress(name, stand.under_way)) from None
            if "invoke" in str(error):
                raise TargetRefused(
                    Said(
                        "AWS may not call the rotation function of {name}: its policy must allow"
                        " lambda:InvokeFunction to secretsmanager.amazonaws.com",
                        name=name,
                    )
                ) from None
            raise


def no_function(name: str) -> Said:
    """Why a secret cannot be rotated at AWS, and what to do."""
    return Said(
        "no function rotates {name} at AWS: set that up there, or rotate it from here with another target",
        name=name,
    )


def in_progress(name: str, version: str) -> Said:
    """Why a secret cannot be rotated at AWS now, and what to do."""
    return Said(
        "AWS is rotating {name} already, to version {version}: wait until it is done. If it never is, look"
        " at the log of its function, and take AWSPENDING off that version",
        name=name,
        version=version,
    )
