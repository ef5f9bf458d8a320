"""What the services answer when they refuse: a code, a message, a status, and the message's key."""

from __future__ import annotations

# Modelled with `Message`; everything else says `message`. Reference sections 1.13, 2.8 and 3.8.
_CAPITAL = {
    "ssm": {
        "InternalServerError",
        "TooManyUpdates",
        "InvalidNextToken",
        "InvalidFilterValue",
        "ThrottlingException",
        "AccessDeniedException",
    },
    "secretsmanager": {
        "DecryptionFailure",
        "EncryptionFailure",
        "InternalServiceError",
        "InvalidNextTokenException",
        "InvalidParameterException",
        "InvalidRequestException",
        "LimitExceededException",
        "MalformedPolicyDocumentException",
        "PreconditionNotMetException",
        "PublicPolicyException",
        "ResourceExistsException",
        "ResourceNotFoundException",
        "AccessDeniedException",
    },
}
_SILENT = {"InvalidFilterKey", "InvalidResourceId", "InvalidResourceType", "TooManyTagsError"}


class Fault(Exception):
    """A refusal, as the service words it."""

    def __init__(self, code: str, message: str = "", status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status = code, message, status

    def body(self, service: str) -> dict[str, str]:
        if service == "ssm" and self.code in _SILENT:
            return {"__type": self.code}
        key = "Message" if self.code in _CAPITAL.get(service, ()) else "message"
        return {"__type": self.code, key: self.message}


def invalid(message: str) -> Fault:
    return Fault("ValidationException", message)
