"""What a fresh machine is given: the locks, the desktop's files, the set-up scripts."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def pinned(lock: str) -> dict[str, str]:
    """Name to version."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", (ROOT / lock).read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*--(index|extra|find|trusted)", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_in_a_lock_has_its_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    assert {entry.partition("==")[0] for entry in entries} == pinned(
        lock
    ).keys()  # some twice, by Python version
    assert not [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry]


@pytest.mark.parametrize("lock", LOCKS)
def test_the_locks_hold_what_the_project_asks_for(lock: str) -> None:
    versions = pinned(lock)
    for wanted in map(Requirement, PROJECT["project"]["dependencies"]):
        name = wanted.name.lower().replace("_", "-")
        assert wanted.specifier.contains(versions[name]), wanted


def test_the_gpl_reader_of_keepass_files_is_not_installed_unasked() -> None:
    assert "pykeepass" not in pinned("requirements.lock")


def test_the_editable_install_costs_nothing_at_start() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; print(sorted(type(finder).__name__ for finder in sys.meta_path), *sys.modules)",
        ],
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )
    assert "editable" not in done.stdout.lower()
    assert "_distutils_hack" not in done.stdout


@pytest.mark.skipif(not shutil.which("desktop-file-validate"), reason="needs desktop-file-utils")
def test_the_desktop_entry_is_valid() -> None:
    entry = ROOT / "packaging" / "app.strongroom.Strongroom.desktop"
    done = subprocess.run(["desktop-file-validate", entry], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.skipif(not shutil.which("appstreamcli"), reason="needs appstream")
def test_the_metainfo_is_valid() -> None:
    metainfo = ROOT / "packaging" / "app.strongroom.Strongroom.metainfo.xml"
    done = subprocess.run(
        ["appstreamcli", "validate", "--no-net", metainfo], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_metainfo_tells_of_this_version() -> None:
    version = PROJECT["project"]["version"]
    assert f'<release version="{version}"' in (
        ROOT / "packaging" / "app.strongroom.Strongroom.metainfo.xml"
    ).read_text("utf-8")
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_an_account_that_may_not_install_is_told_what_to_ask_for(tmp_path: Path) -> None:
    script = (
        "import os, sys; sys.path.insert(0, 'packaging'); import prepare\n"
        "os.geteuid = lambda: 1000\n"
        "prepare.shutil.which = lambda name: None\n"
        "try: prepare.install_packages(['libegl1', 'libgl1'], 'run')\n"
        "except prepare.Unprepared as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "apt-get install -y --no-install-recommends libegl1 libgl1" in done.stdout
    assert "`make run` again" in done.stdout


def test_a_package_counts_as_there_under_the_name_of_its_substitute(tmp_path: Path) -> None:
    dpkg = tmp_path / "dpkg-query"
    dpkg.write_text(
        "#!/bin/sh\nprintf 'installed libglib2.0-0t64, libglib2.0-0 (= 2.80)\\nconfig-files xvfb, \\n'\n"
    )
    dpkg.chmod(0o755)
    script = (
        "import sys; sys.path.insert(0, 'packaging'); import prepare\n"
        "print(prepare.missing_packages(['libglib2.0-0', 'libglib2.0-0t64', 'xvfb', 'xauth']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "['xvfb', 'xauth']"


def test_pips_settings_reach_uv_in_its_own_words(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(
        '#!/bin/sh\nprintf "%s\\n" "global.index-url=\'https://mirror.example/simple\'" '
        "\"global.extra-index-url='file:///a/simple file:///b/simple'\" \":env:.cert='/etc/ca.crt'\"\n"
    )
    python.chmod(0o755)
    script = (
        "import sys; sys.path.insert(0, 'packaging'); import prepare\n"
        "found = prepare.environment_of_uv(sys.argv[1])\n"
        "print(found['UV_DEFAULT_INDEX'], found['UV_INDEX'], found['SSL_CERT_FILE'], sep='|')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, python],
        cwd=ROOT,
        env={"UV_INDEX": "mine", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "https://mirror.example/simple|mine|/etc/ca.crt"
