"""The limit of a sync: the same calls of boto3 with nothing around them.

The client is one that a careful program makes: one connection for each of 16 threads, nothing repeated, all
else as boto3 has it. What a call needs from an answer before goes out when that answer is there, everything
else at once; answers are parsed and dropped.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.benchmarks.stub import Stub

THREADS = 16
PATH = "/filled"


def client(stub: Stub, service: str) -> Any:  # noqa: ANN401
    return stub.server.client(service, max_pool_connections=THREADS)


def listed_parameters(ssm: Any) -> Iterator[list[str]]:  # noqa: ANN401
    """The names of each page of the listing; each page's call needs the token of the one before."""
    below = [{"Key": "Path", "Option": "Recursive", "Values": [PATH]}]
    for answer in _pages(ssm.describe_parameters, MaxResults=50, ParameterFilters=below):
        yield [row["Name"] for row in answer["Parameters"]]


def list_parameters(ssm: Any) -> None:  # noqa: ANN401
    for _ in listed_parameters(ssm):
        pass


def pull_parameters(ssm: Any) -> None:  # noqa: ANN401
    """The listing, and meanwhile every value, 10 names a call."""
    with ThreadPoolExecutor(THREADS) as pool:
        calls = [
            pool.submit(ssm.get_parameters, Names=names, WithDecryption=True)
            for page in listed_parameters(ssm)
            for names in _batches(page, 10)
        ]
    for call in calls:
        call.result()


def pull_folders(ssm: Any, folders: Iterable[str]) -> None:  # noqa: ANN401
    """The values of known folders, side by side, 10 a call; it would not see a new folder."""

    def read(folder: str) -> None:
        for _ in _pages(ssm.get_parameters_by_path, Path=folder, WithDecryption=True, MaxResults=10):
            pass

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(read, folders))


def pull_secrets(secrets: Any) -> None:  # noqa: ANN401
    """The listing, and meanwhile every value, 20 names a call."""
    below = [{"Key": "name", "Values": [PATH.removeprefix("/") + "/"]}]
    with ThreadPoolExecutor(THREADS) as pool:
        calls = [
            pool.submit(secrets.batch_get_secret_value, SecretIdList=[row["Name"] for row in rows])
            for answer in _pages(secrets.list_secrets, MaxResults=100, Filters=below)
            for rows in _batches(answer["SecretList"], 20)
        ]
    for call in calls:
        call.result()


def put_parameters(ssm: Any, names: list[str], value: str, *, overwrite: bool) -> None:  # noqa: ANN401
    def put(name: str) -> None:
        kind = {} if overwrite else {"Type": "SecureString"}
        ssm.put_parameter(Name=name, Value=value, Overwrite=overwrite, **kind)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(put, names))


def _pages(call: Any, **told: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    more: dict[str, str] = {}
    while True:
        answer = call(**told, **more)
        yield answer
        if not answer.get("NextToken"):
            return
        more = {"NextToken": answer["NextToken"]}


def _batches(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
