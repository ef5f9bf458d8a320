"""docker-compose files: the `environment` of every service, as a list or a map: `service/NAME`.

`$$` is Compose's way to write `$`. A value that refers to a variable stays as written, `$$` included, since
Compose alone knows what it becomes. Source: the Compose specification, services/environment, interpolation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.errors import Malformed
from app.formats import yaml_text
from app.formats.flat import INTERPOLATION, REFERENCE, VARIABLE, variable_text
from app.formats.rows import Gathering, Options, Packing, Reading, Row, Written
from app.formats.tree import Leaf, Node, Plain, at, text_at, where_of
from vault.errors import Said
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.steps import Steps

_FROM_SHELL = Said("it has no value here; Compose takes it from the shell that starts it")


def read(octets: bytes, _options: Options, steps: Steps) -> Reading:
    """Rows of all services; what stands in other files (`env_file`, `secrets`) is refused by its name.

    Raises:
        Malformed: not strict YAML, or no `services` in it.
        Cancelled: whoever is told of `steps` stopped it.
    """
    documents = yaml_text.parse(octets, steps)
    if not any(recognises(one) for one in documents):
        raise Malformed(Said("a compose file has a map called services"))
    gathering = Gathering(last_wins=True)
    for document in documents:
        services = at(document, "services")
        for service, node in services.items() if isinstance(services, dict) else ():
            _take_service(service, node, gathering, steps)
        secrets = at(document, "secrets")
        for name, node in secrets.items() if isinstance(secrets, dict) else ():
            gathering.refuse(where_of(node, "/secrets"), f"secrets/{name}", _why(node))
    return gathering.reading()


def recognises(document: Node) -> bool:
    """Whether a YAML document has services."""
    return isinstance(at(document, "services"), dict)


def _why(secret: Node) -> Said:
    if text_at(secret, "file"):
        return Said("its value is in a file of its own; put that file's content with `strongroom put --file`")
    if text_at(secret, "environment"):
        return Said("its value comes from the shell that starts Compose")
    return Said("its value is not in this file")


def _take_service(service: str, node: Node, gathering: Gathering, steps: Steps) -> None:
    environment = at(node, "environment")
    steps.expect(len(environment) if isinstance(environment, dict | list) else 0)
    if isinstance(environment, dict):
        for name, value in steps.each(environment.items()):
            _take(service, name, value, gathering)
    elif isinstance(environment, list):
        for item in steps.each(environment):
            _take_item(service, item, gathering)
    files = at(node, "env_file")
    for one in files if isinstance(files, list) else [files] if files is not None else []:
        gathering.refuse(
            where_of(one, "/services"),
            f"{service}/env_file",
            Said("values are in another file; import it as dotenv"),
        )


def _take_item(service: str, item: Node, gathering: Gathering) -> None:
    where, leaf = where_of(item, "/services"), item if isinstance(item, Leaf) else Leaf(None)
    name, equals, value = (leaf.text or "").partition("=")
    if not VARIABLE.fullmatch(name):
        gathering.refuse(where, service, Said("an item of environment is not NAME=value"))
    elif not equals:
        gathering.refuse(where, f"{service}/{name}", _FROM_SHELL)
    else:
        _take(service, name, Leaf(value, line=leaf.line), gathering)


def _take(service: str, name: str, node: Node, gathering: Gathering) -> None:
    where = where_of(node, "/services")
    if not isinstance(node, Leaf) or node.problem or node.octets is not None:
        gathering.refuse(where, f"{service}/{name}", Said("its value is not a scalar"))
    elif node.text is None:
        gathering.refuse(where, f"{service}/{name}", _FROM_SHELL)
    else:
        unescaped = node.text.replace("$$", "")
        if REFERENCE.search(unescaped):
            gathering.note(INTERPOLATION)
            text = node.text
        else:
            text = node.text.replace("$$", "$")
        gathering.take(Row((service, name), Secret.of_text(text), where=where))


def write(rows: tuple[Row, ...], options: Options) -> Written:
    """A compose file with nothing but `environment`; use it beside yours with `docker compose -f … -f …`.

    Rows without a folder go to the service called `options.name`; deeper folders are joined by
    `options.join` into the variable's name, or refused.
    """
    packing = Packing()
    services: dict[str, Plain] = {}
    for row in packing.latest(rows):
        service, names = (row.parts[0], row.parts[1:]) if len(row.parts) > 1 else (options.name, row.parts)
        if not service:
            packing.refuse(row, Said("it is in no folder, and no name for the service was given"))
        elif len(names) > 1 and options.join is None:
            packing.refuse(row, Said("a service has no folders; export deeper, or choose a joining text"))
        elif not VARIABLE.fullmatch((options.join or "").join(names)):
            packing.refuse(row, Said("its name cannot be the name of a variable"))
        else:
            text = variable_text(row, packing)
            name = (options.join or "").join(names)
            if text is not None and not _put(services, service, name, text.replace("$", "$$")):
                packing.refuse(row, Said("another row has the same name once joined"))
    document: Plain = {"services": services}
    return Written(yaml_text.emit([document]), tuple(packing.refused))


def _put(services: dict[str, Plain], service: str, name: str, text: str) -> bool:
    """Set the variable, unless the service has one of that name."""
    entry = services.setdefault(service, {"environment": {}})
    environment = entry["environment"] if isinstance(entry, dict) else None
    if not isinstance(environment, dict) or name in environment:
        return False
    environment[name] = text
    return True
