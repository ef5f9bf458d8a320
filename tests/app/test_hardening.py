"""In processes of their own: the tests' own process must stay readable."""

from __future__ import annotations

import subprocess
import sys

import pytest

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")


def _run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@linux_only
def test_a_hardened_process_leaves_no_core_and_cannot_be_read() -> None:
    done = _run(
        "import ctypes, resource; from app.hardening import harden; print(*harden());"
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    assert done.stdout.splitlines() == ["True True", "(0, 0) 0"]


def test_hardening_goes_on_where_the_platform_refuses() -> None:
    done = _run(
        "import sys; sys.modules['resource'] = None; sys.modules['ctypes'] = None;"
        "from app.hardening import harden; print(*harden())"
    )
    assert done.stdout.strip() == "False False"


def test_elsewhere_than_on_linux_only_core_dumps_are_switched_off() -> None:
    done = _run("import sys; sys.platform = 'other'; from app.hardening import harden; print(*harden())")
    assert done.stdout.strip() == "True False"


def test_an_uncaught_error_tells_its_places_but_neither_message_nor_variables() -> None:
    done = _run(
        "from app.hardening import harden\n"
        "harden()\n"
        "def parse(value):\n"
        "    raise ValueError('bad: ' + value)\n"
        "parse('hunter2')\n"
    )
    assert done.returncode == 1
    assert "ValueError" in done.stderr
    assert "at <string>:4 parse" in done.stderr
    assert "hunter2" not in done.stderr


def test_an_uncaught_error_of_ours_keeps_its_sentence_and_hint() -> None:
    done = _run("from app.hardening import harden; harden(); from vault.errors import Locked; raise Locked")
    assert done.stderr.startswith("strongroom: The vault is locked.\n  Unlock it")


def test_without_a_console_an_uncaught_error_is_no_second_error() -> None:
    done = _run("import sys; from app.hardening import harden; harden(); sys.stderr = None; 1 / 0")
    assert (done.returncode, done.stderr) == (1, "")


START = "from app.hardening import forget_freed; forget_freed(); import os;"


@linux_only
def test_a_program_starts_again_with_allocators_that_forget_and_hands_them_to_nobody() -> None:
    done = _run(f"{START} print(open('/proc/self/environ').read(), sorted(os.environ))")
    first, inherited = done.stdout.rsplit("[", 1)
    assert "PYTHONMALLOC=malloc" in first
    assert "glibc.malloc.perturb" in first
    assert "MALLOC" not in inherited


def test_allocators_that_somebody_chose_stay() -> None:
    done = _run(f"import os; os.environ['PYTHONMALLOC'] = 'debug'; {START} print(os.environ['PYTHONMALLOC'])")
    assert done.stdout.strip() == "debug"


def test_a_program_that_cannot_start_again_goes_on() -> None:
    done = _run(f"import sys; sys.executable = '/nothing'; {START} print('on')")
    assert done.stdout.strip() == "on"
