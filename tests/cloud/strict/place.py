"""One account in one region: its parameters, secrets and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cloud.strict.keys import Keys
from tests.cloud.strict.parameters import Parameters
from tests.cloud.strict.secrets import Secrets

if TYPE_CHECKING:
    from tests.cloud.strict.clock import Clock


class Place:
    def __init__(self, account: str, region: str, clock: Clock) -> None:
        self.account, self.region = account, region
        self.parameters = Parameters(account, region, clock)
        self.secrets = Secrets(account, region, clock)
        self.keys = Keys(account, region, clock)
