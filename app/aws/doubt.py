"""Writes that were answered by something that is no answer of AWS."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.errors import AwsGarbled, AwsUnanswered
from vault.errors import Said, said_by

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def doubted(operation: str) -> Iterator[None]:
    """Around a writing call and the reading of its answer: if that is garbled, nothing was answered.

    Raises:
        AwsUnanswered: whether `operation`, such as "ssm:PutParameter", was carried out is not known.
    """
    try:
        yield
    except AwsGarbled as error:
        message = Said(
            "Whether {operation} was carried out is not known: {why}", operation=operation, why=said_by(error)
        )
        raise AwsUnanswered(message, error.aws, operation) from None
