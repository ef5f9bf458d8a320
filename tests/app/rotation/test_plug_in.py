"""Targets of other packages: the example of the guide, built and installed, and broken ones."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from app.errors import BadRotation
from app.rotation import registry

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "docs" / "examples" / "rotation-target"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, built as a wheel and unpacked into a folder."""
    folder = tmp_path_factory.mktemp("plug-in")
    shutil.copytree(EXAMPLE, folder / "source")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "built"],
        cwd=folder / "source",
        check=True,
        capture_output=True,
    )
    (wheel,) = (folder / "built").iterdir()
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def run(site: Path, *arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Python with a folder of packages, besides its own."""
    environment = {**os.environ, "PYTHONPATH": str(site)}
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def test_an_installed_target_is_offered_besides_ours(installed: Path) -> None:
    told = run(installed, "-c", "from app.rotation.registry import names; print(*names())").stdout.split()
    assert "token-file" in told
    assert set(told) == {"token-file", *registry.names()}


def test_the_example_passes_its_own_tests(installed: Path, tmp_path: Path) -> None:
    test = shutil.copy(EXAMPLE / "test_strongroom_token_file.py", tmp_path)
    done = run(installed, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(test), cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout


def install(folder: Path, point: str) -> None:
    information = folder / "broken-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(f"[{registry.GROUP}]\nbroken = {point}\n")


@pytest.mark.parametrize(
    ("point", "reason"),
    [
        ("no_such_module_of_anybody:Target", "ModuleNotFoundError"),
        ("json:NoSuchClass", "AttributeError"),
        ("json:JSONDecodeError", "TypeError"),
    ],
)
def test_a_target_that_cannot_be_loaded_is_told_and_the_others_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str, reason: str
) -> None:
    install(tmp_path, point)
    monkeypatch.syspath_prepend(tmp_path)
    assert "broken" in registry.names()
    with pytest.raises(BadRotation, match=f"the plug-in of broken cannot be loaded: {reason}"):
        registry.target_named("broken")
    assert registry.target_named("value").name == "value"


def test_a_target_that_nobody_has_is_told_with_those_there_are() -> None:
    with pytest.raises(BadRotation, match=r"there is no target 'oracle'; there are .*postgresql"):
        registry.target_named("oracle")
