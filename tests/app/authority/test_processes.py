"""What the system tells of a process: what it runs, who started it, where it stands."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from app.authority import processes

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

SCRIPTS = {
    "a script": ("/usr/bin/python3.11", ["python3", "/opt/tool.py", "--x"], "/opt/tool.py"),
    "a script beside it": ("/usr/bin/python3.11", ["python3", "tool.py"], "/here/tool.py"),
    "options before it": ("/usr/bin/bash", ["bash", "-e", "-u", "run.sh"], "/here/run.sh"),
    "a text after other options": ("/usr/bin/bash", ["bash", "-euc", "run"], "-c"),
    "a text of perl": ("/usr/bin/perl", ["perl", "-e", "print 1"], "-e"),
    "a text": ("/bin/sh", ["sh", "-c", "strongroom get /a"], "-c"),
    "a module": ("/usr/bin/python3", ["python3", "-m", "pytest", "-q"], "-m pytest"),
    "a prompt": ("/usr/bin/zsh", ["-zsh"], ""),
    "a makefile": ("/usr/bin/make", ["make", "-f", "other.mk", "all"], "-f other.mk"),
    "a target of make": ("/usr/bin/make", ["make", "all"], ""),
    "no interpreter": ("/usr/bin/git", ["git", "fetch"], ""),
    "no arguments at all": ("/usr/bin/python3", [], ""),
}


@pytest.mark.parametrize(("program", "arguments", "script"), SCRIPTS.values(), ids=SCRIPTS)
def test_the_script_of_an_interpreter(program: str, arguments: list[str], script: str) -> None:
    assert processes.script_of(program, arguments, "/here") == script


def test_a_process_its_script_its_folder_and_who_started_it(tmp_path: Path) -> None:
    script = tmp_path / "a script (1) x.py"
    script.write_text("import sys; print('up', flush=True); sys.stdin.read()")
    with subprocess.Popen(
        [sys.executable, script], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdout.readline()
        found = processes.read(child.pid)
        assert found is not None
        assert (found.parent, found.user, found.script) == (os.getpid(), os.getuid(), str(script))
        assert found.program == os.path.realpath(sys.executable)
        assert found.label == f"{os.path.basename(found.program)} {script.name}"
        assert processes.folder(child.pid) == str(tmp_path)
        assert processes.parents(found)[0].pid == os.getpid()
        child.stdin.close()


def test_a_name_with_brackets_and_blanks_does_not_confuse(tmp_path: Path) -> None:
    tricky = tmp_path / ") R 1 1 ("
    tricky.symlink_to("/bin/cat")
    with subprocess.Popen([tricky], stdin=subprocess.PIPE) as child:
        assert child.stdin is not None
        found = processes.read(child.pid)
        child.stdin.close()
    assert found is not None
    assert found.parent == os.getpid()


def test_a_process_that_is_gone_is_none() -> None:
    with subprocess.Popen(["/bin/true"]) as child:
        child.wait()
    assert processes.read(child.pid) is None


def test_the_first_process_has_no_parents() -> None:
    first = processes.read(1)
    assert first is not None
    assert processes.parents(first) == []
