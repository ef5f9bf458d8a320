"""Whose credentials these are, as STS tells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.aws import answers
from app.errors import AwsGarbled, AwsSignIn
from app.ports import Identity
from vault.errors import Said

if TYPE_CHECKING:
    from app.ports import Caller

_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
_MAX_ARN = 2048


def identity_of(sts: Caller | None) -> Identity:
    """Ask STS.

    Raises:
        AwsSignIn: there is no STS to ask.
    """
    if sts is None:
        raise AwsSignIn(Said("Who signs in is not known here: this store was opened without STS."))
    answer = sts.call("GetCallerIdentity")
    account, arn = answers.text(answer, "Account"), answers.text(answer, "Arn", limit=_MAX_ARN)
    if not _ACCOUNT.fullmatch(account) or not arn.isprintable():
        raise AwsGarbled(Said("Account or Arn in its answer is not that of an identity"))
    return Identity(account, arn)
