"""The rooms and their doors: what import-linter cannot see is held here, by reading the code itself."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("app", "ui", "vault")


class Source(NamedTuple):
    """One file of ours, parsed."""

    name: str  # from the root, as app/cli/commands.py
    text: str
    tree: ast.Module


@cache
def sources() -> tuple[Source, ...]:
    files = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    texts = [(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) for path in files]
    return tuple(Source(name, text, ast.parse(text, name)) for name, text in texts)


def imported(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)
        elif (
            isinstance(node, ast.Call)
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str)
            and ast.unparse(node.func) in {"import_module", "importlib.import_module", "__import__"}
        ):
            yield node.args[0].value, node.lineno


def belongs(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


DOORS = {
    # package:        the only places that may import it
    "PySide6": ("ui/",),
    "shiboken6": ("ui/",),
    # The sample shows a certificate; the target makes a key pair; values are recognised and make codes.
    "cryptography": (
        "vault/",
        "app/sample.py",
        "app/rotation/targets/ssh.py",
        "app/recognise",
        "app/totp.py",
    ),
    "sqlcipher3": ("vault/storage/",),
    "sqlite3": (),
    "vault.storage": ("vault/",),
    "keyring": ("app/os_keyring.py",),
    "secretstorage": ("app/os_keyring.py",),
    "platformdirs": ("app/settings_place.py",),
    "zxcvbn": ("app/strength.py",),
    "yaml": ("app/formats/",),
    "dotenv": ("app/formats/",),
    "pykeepass": ("app/formats/",),
    "shtab": ("app/cli/",),
    "redis": ("app/rotation/targets/redis.py",),
    "boto3": ("app/aws/",),
    "botocore": ("app/aws/",),
    "socket": ("app/authority/",),
    "_socket": ("app/authority/",),
    "pickle": (),
    "marshal": (),
    "shelve": (),
}


@pytest.mark.parametrize("package", DOORS)
def test_a_library_is_imported_only_in_its_room(package: str) -> None:
    strays = [
        f"{source.name}:{line} imports {module}"
        for source in sources()
        for module, line in imported(source.tree)
        if belongs(module, package) and not source.name.startswith(DOORS[package] or ("nowhere",))
    ]
    assert not strays


STATEMENT = re.compile(
    r"\s*(SELECT\s.+|INSERT\s+(OR\s+\w+\s+)?INTO\s.+|REPLACE\s+INTO\s.+|UPDATE\s+\w+\s+SET\s.+|DELETE\s+FROM\s.+"
    r"|CREATE\s+(TABLE|(UNIQUE\s+)?INDEX|VIRTUAL|TRIGGER|VIEW)\s.+|DROP\s+(TABLE|INDEX|TRIGGER|VIEW)\s.+"
    r"|ALTER\s+TABLE\s.+|PRAGMA\s.+|ATTACH\s.+|VACUUM\b.*|SAVEPOINT\s.+"
    r"|BEGIN( IMMEDIATE| EXCLUSIVE)?|COMMIT|ROLLBACK)",
    re.DOTALL,
)


def docstrings(tree: ast.Module) -> set[int]:
    return {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }


def written_texts(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every text in the code, f-strings with a word for each hole, docstrings left out."""
    said = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "hole" for part in node.values]
            yield "".join(str(part) for part in parts), node.lineno
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value, node.lineno


SQL_ROOMS = (  # of the vault, and of the servers whose users are rotated and lent
    "vault/storage/",
    "app/rotation/targets/",
    "app/leases/mysql.py",
    "app/leases/postgresql.py",
)


def test_sql_is_written_only_in_its_rooms() -> None:
    strays = [
        f"{source.name}:{line}: {text[:60]!r}"
        for source in sources()
        if not source.name.startswith(SQL_ROOMS)
        for text, line in written_texts(source.tree)
        if STATEMENT.fullmatch(text)
    ]
    assert not strays


def calls(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


PRINTERS = (
    "app/cli/",
    "app/hardening.py",
    "ui/tour/",
    "ui/__main__.py",
)  # usage


def test_only_the_command_line_and_the_tour_print() -> None:
    strays = [
        f"{source.name}:{line}: {call}"
        for source in sources()
        if not source.name.startswith(PRINTERS)
        for call, line in calls(source.tree)
        if call == "print" or re.fullmatch(r"sys\.std(out|err)(\.buffer)?\.write(lines)?", call)
    ]
    assert not strays


READERS_OF_JSON = (
    "vault/json_text.py",
    "app/fields.py",  # by parts, after the same check
    "app/formats/json_text.py",
    "app/rotation/hook/strongroom_hook.py",  # runs in programs of others, and reads what we write
)


def test_json_is_read_only_where_its_nesting_is_bounded() -> None:
    strays = [
        f"{source.name}:{line}: {call}"
        for source in sources()
        if not source.name.startswith(READERS_OF_JSON)
        for call, line in calls(source.tree)
        if re.fullmatch(r"json\.loads?|(json\.)?JSONDecoder", call)
    ]
    assert not strays


def test_the_vault_never_reads_the_clock_on_its_own() -> None:
    strays = [
        f"{source.name}:{line}: {call}"
        for source in sources()
        if source.name.startswith("vault/")
        for call, line in calls(source.tree)
        if re.fullmatch(r"(datetime\.)*(datetime|date)\.(now|utcnow|today)|time\.time(_ns)?", call)
    ]
    assert not strays


def test_nothing_runs_a_shell_or_evaluates_text() -> None:
    strays = [
        f"{source.name}:{line}: {call}"
        for source in sources()
        for call, line in calls(source.tree)
        if call in {"eval", "exec", "os.system", "os.popen", "yaml.load", "yaml.unsafe_load"}
    ]
    assert not strays


def test_files_and_functions_stay_small() -> None:
    large = [
        f"{source.name}: {lines} lines"
        for source in sources()
        if (lines := source.text.count("\n")) > LINES_OF_A_FILE
    ]
    large += [
        f"{source.name}:{node.lineno} {node.name}: {lines} lines"
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > LINES_OF_A_FUNCTION
    ]
    assert not large


LINES_OF_A_FILE = 350
LINES_OF_A_FUNCTION = 60


def test_files_are_named_after_a_noun() -> None:
    vague = {"utils", "util", "helpers", "helper", "manager", "common", "misc", "base", "core"}
    names = [source.name.replace("secrets_manager", "") for source in sources()]  # what AWS calls it
    assert not [name for name in names if vague & set(re.split(r"[/_.]", name))]


def test_the_packaging_folder_never_hides_the_library_of_that_name() -> None:
    assert not (ROOT / "packaging" / "__init__.py").exists()


# ------------------------------------------------------------------------------------------------ start-up

SLOW = ("PySide6", "boto3", "keyring", "secretstorage", "zxcvbn", "yaml", "dotenv", "pykeepass", "shtab")
SLOW_OF_PYTHON = (
    "asyncio",
    "concurrent.futures",
    "dataclasses",
    "http",
    "pathlib",
    "ssl",
    "unittest",
    "urllib.request",
)


def loaded_by(program: str) -> set[str]:
    script = f"import sys; before = set(sys.modules); {program}; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["vault", "vault.file", "app.session", "app.cli.__main__"])
def test_what_every_command_imports_is_light(module: str) -> None:
    loaded = loaded_by(f"import {module}")
    assert not {name for name in loaded for slow in (*SLOW, *SLOW_OF_PYTHON) if belongs(name, slow)}


def test_the_faces_of_the_packages_import_nothing() -> None:
    for room in ROOMS:
        assert not list(imported(ast.parse((ROOT / room / "__init__.py").read_text("utf-8"))))


# -------------------------------------------------------------------------------------------------- PySide6


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="True is immortal from Python 3.12 on")
def test_a_signal_does_not_use_up_the_references_to_true() -> None:
    """PySide6 6.12.0 drops one at every emit; after some 580 the interpreter aborts (PYSIDE-3474)."""
    from PySide6.QtCore import QObject, Signal

    class Bell(QObject):
        rung = Signal(bool)

    bell = Bell()
    heard: list[bool] = []
    bell.rung.connect(heard.append)
    bell.rung.emit(True)
    before = sys.getrefcount(True)
    for _ in range(100):
        bell.rung.emit(True)
    assert len(heard) == 101
    assert sys.getrefcount(True) >= before
