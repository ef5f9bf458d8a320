"""GetParametersByPath and DescribeParameters: pages, filters, pages that are empty. Reference section 1.8."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.cloud.strict.faults import Fault, invalid
from tests.cloud.strict.pages import make_token, read_token
from tests.cloud.strict.parameter_reads import metadata, shown
from tests.cloud.strict.parameters import key_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cloud.strict.call import Call
    from tests.cloud.strict.parameters import Parameter

_PATH_PAGE, _DESCRIBE_PAGE = 10, 50
_OPTIONS = {
    "Name": {"Equals", "BeginsWith", "Contains"},
    "Path": {"OneLevel", "Recursive"},
    "Label": {"Equals"},
}
_END = chr(ord("/") + 1)  # sorts right after everything below a folder


class Filter(NamedTuple):
    key: str
    option: str
    values: list[str]

    def admits(self, parameter: Parameter) -> bool:
        if self.key == "Path":
            return any(_below(parameter.name, value, self.option) for value in self.values)
        if self.key == "Name":
            given = key_of(parameter.name)
            if self.option == "Contains":
                return any(value in given for value in self.values)
            wanted = [key_of(value) for value in self.values]
            return given in wanted if self.option == "Equals" else given.startswith(tuple(wanted))
        found = self._found(parameter)
        if not self.values:
            return bool(found)
        if self.option == "BeginsWith":
            return any(one.startswith(tuple(self.values)) for one in found)
        return any(one in self.values for one in found)

    def _found(self, parameter: Parameter) -> list[str]:
        newest = parameter.newest
        if self.key.startswith("tag:"):
            return [value for key, value in parameter.tags.items() if key == self.key[4:]]
        if self.key == "Label":
            return [label for label, number in parameter.labels.items() if number == newest.number]
        attribute = {"Type": "type", "KeyId": "key_id", "Tier": "tier", "DataType": "data_type"}[self.key]
        return [getattr(newest, attribute)]


def by_path(call: Call) -> dict[str, Any]:
    body = call.body
    path = body["Path"]
    if not path.startswith("/"):
        raise invalid("The parameter path must begin with a slash.")
    filters = _filters(body.get("ParameterFilters", ()), {"Type", "KeyId", "Label"}, tags=False)
    option = "Recursive" if body.get("Recursive") else "OneLevel"
    keys = _walk(call, path.rstrip("/"), option, read_token(body))
    page, token = _page(call, keys, filters, body.get("MaxResults", _PATH_PAGE))
    found = [shown(call, parameter, parameter.newest) for parameter in page]
    return {"Parameters": found} | ({"NextToken": token} if token else {})


def describe(call: Call) -> dict[str, Any]:
    body = call.body
    if body.get("Filters") and body.get("ParameterFilters"):
        raise invalid("You can use either Filters or ParameterFilters in a single request.")
    keys = {"Name", "Type", "KeyId", "Path", "Tier", "DataType"}
    filters = _filters(body.get("ParameterFilters", ()), keys, tags=True)
    filters += [Filter(old["Key"], _old_option(old), old["Values"]) for old in body.get("Filters", ())]
    prefix, option = "", "Recursive"
    for one in filters:
        if one.key == "Path" and len(one.values) == 1:
            prefix, option = one.values[0].rstrip("/"), one.option
    walk = _walk(call, prefix, option, read_token(body))
    page, token = _page(call, walk, filters, body.get("MaxResults", _DESCRIBE_PAGE))
    found = [metadata(call, parameter, parameter.newest) for parameter in page]
    return {"Parameters": found} | ({"NextToken": token} if token else {})


def _page(
    call: Call, keys: Iterator[str], filters: list[Filter], size: int
) -> tuple[list[Parameter], str | None]:
    """Fill one page; the token of the next, if there may be one."""
    store = call.place.parameters
    page: list[Parameter] = []
    last = read_token(call.body)
    cap = 0 if call.cloud.empty_page() else call.cloud.switches["scan"]
    for looked_at, key in enumerate(keys):
        if len(page) == size or looked_at >= cap:
            return page, make_token(call.body, last)
        last = key
        parameter = store.shown(key)
        if parameter is not None and all(one.admits(parameter) for one in filters):
            page.append(parameter)
    return page, None


def _walk(call: Call, folder: str, option: str, after: str) -> Iterator[str]:
    """Go through the keys below a folder, in order, from behind `after` on."""
    ordered = call.place.parameters.listed()
    start = max(bisect_left(ordered, folder + "/"), bisect_right(ordered, after) if after else 0)
    end = bisect_left(ordered, folder + _END)
    while start < end:
        key = ordered[start]
        deeper = key.find("/", len(folder) + 1) if option == "OneLevel" else -1
        if deeper < 0:
            yield key
            start += 1
        else:
            start = bisect_left(ordered, key[:deeper] + _END)


def _below(name: str, folder: str, option: str) -> bool:
    stem = folder.rstrip("/") + "/"
    key = key_of(name)
    return key.startswith(stem) and (option == "Recursive" or "/" not in key[len(stem) :])


def _filters(given: list[dict[str, Any]], keys: set[str], *, tags: bool) -> list[Filter]:
    filters: list[Filter] = []
    for one in given:
        key, values = one["Key"], one.get("Values", [])
        if key not in keys and not (tags and key.startswith("tag:")):
            raise Fault("InvalidFilterKey", f"The following filter key is not valid: {key}.")
        allowed = _OPTIONS.get(key, {"Equals", "BeginsWith"})
        option = one.get("Option", "OneLevel" if key == "Path" else "Equals")
        if option not in allowed:
            message = (
                f"The following filter option is not valid: {option}. Valid options include: "
                f"{sorted(allowed)}."
            )
            raise Fault("InvalidFilterOption", message)
        if not values and not key.startswith("tag:"):
            raise Fault(
                "InvalidFilterValue", f"The following filter values are missing : null for filter key {key}."
            )
        if key == "Path":
            _check_paths(values)
        if any(key == other.key for other in filters):
            raise Fault("InvalidFilterKey", f"The following filter key is given twice: {key}.")
        filters.append(Filter(key, option, values))
    return filters


def _check_paths(values: list[str]) -> None:
    for path in values:
        lowered = path.lower()
        if lowered.startswith(("/aws", "/ssm")):
            raise invalid('Filters for common parameters can\'t be prefixed with "aws" or "ssm".')
        if not path.startswith("/") or "//" in path:
            raise Fault(
                "InvalidFilterValue", f"The parameter doesn't meet the parameter name requirements: {path}."
            )


def _old_option(old: dict[str, Any]) -> str:
    return "BeginsWith" if old["Key"] == "Name" else "Equals"
