"""Set up what Strongroom needs: system packages through apt-get, Python packages into .venv from the lock.

    prepare.py run            what the window needs
    prepare.py run virtual    and a virtual display
    prepare.py test           and everything the checks need
    prepare.py lock           write the locks anew from pyproject.toml

Needs nothing but Python itself, and does nothing that is done already. Which package index, which proxy and
which certificates are for pip's and uv's own configuration to say; nothing of it is ever written down here.
Set SKIP_APT=1 where the system's libraries are there under other names.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from typing import Sequence

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
OLDEST = (3, 11)
LOCKS = {"run": "requirements.lock", "test": "requirements-dev.lock"}
SYSTEM = {"run": ["run"], "run virtual": ["run", "virtual"], "test": ["run", "virtual", "test"]}

# pip's setting, and what uv calls the same.
SETTINGS_OF_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
    "trusted-host": "UV_INSECURE_HOST",
    "proxy": "ALL_PROXY",
}


class Unprepared(Exception):
    """Something is missing that a person has to do; the message says what and how."""


def say(text: str) -> None:
    """Tell a step, on stderr."""
    print("==> " + text, file=sys.stderr, flush=True)


def run(command: Sequence[str], environment: dict[str, str] | None = None) -> None:
    """Run `command` from the root; raise CalledProcessError when it fails."""
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def answer_of(command: Sequence[str]) -> str:
    """What `command` prints, or nothing when it fails or does not exist."""
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout


# --------------------------------------------------------------------------------------- system packages


def listed_packages(kind: str) -> list[str]:
    """The names in packaging/apt/ for `kind`."""
    names = []
    for part in SYSTEM[kind]:
        with open(os.path.join(ROOT, "packaging", "apt", part + ".txt"), encoding="utf-8") as lines:
            names += [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return names


def missing_packages(names: Sequence[str]) -> list[str]:
    """Those of `names` that dpkg neither has nor has a substitute for (libglib2.0-0t64 for libglib2.0-0)."""
    there: set[str] = set()
    columns = "${db:Status-Status} ${Package}, ${Provides}\n"
    for line in answer_of(["dpkg-query", "-W", "-f", columns]).splitlines():
        status, _, rest = line.partition(" ")
        if status == "installed":
            there.update(part.split(maxsplit=1)[0] for part in rest.split(",") if part.strip())
    return [name for name in names if name not in there]


def install_packages(names: Sequence[str], goal: str) -> None:
    """Have apt-get install `names`; where this account may not, say who must do what."""
    command = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "install", "-y", "--no-install-recommends", *names]
    by_hand = " ".join(["apt-get install -y --no-install-recommends", *names])
    if os.geteuid() == 0:
        leave = []
    elif shutil.which("sudo") and (sys.stdin.isatty() or answer_of(["sudo", "-n", "echo", "yes"])):
        leave = ["sudo"]
    else:
        raise Unprepared(
            "These system packages are missing, and this account may not install them:\n\n"
            f"    {' '.join(names)}\n\nLet someone who may run this once, then `make {goal}` again:\n\n"
            f"    {by_hand}\n\nIf they are there under other names: `SKIP_APT=1 make {goal}`."
        )
    say("installing system packages: " + " ".join(names))
    quietly = [*leave, "env", "DEBIAN_FRONTEND=noninteractive"]
    if subprocess.run([*quietly, *command], check=False).returncode:
        say("once more, after apt-get update")  # the lists are empty or old
        try:
            run([*quietly, "apt-get", "update"])
            run([*quietly, *command])
        except subprocess.CalledProcessError as error:
            raise Unprepared(
                "apt-get failed; its words are above. Once it can, run this and "
                f"`make {goal}` again:\n\n    {by_hand}"
            ) from error


def prepare_system(kind: str, python: str) -> None:
    """Install the system packages that are missing for `kind`, where that is possible at all."""
    goal = kind.partition(" ")[0]
    names = listed_packages(kind)
    if not environment_runs() and not answer_of([python, "-c", "import venv, ensurepip; print('yes')"]):
        version = answer_of([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]).strip()
        default = os.path.realpath("/usr/bin/python3").endswith("python" + version)
        names.append("python3-venv" if default else f"python{version}-venv")
    if os.environ.get("SKIP_APT"):
        return
    if not shutil.which("dpkg-query"):
        say("this is neither Debian nor Ubuntu: it is for you to have what these hold: " + " ".join(names))
        return
    missing = missing_packages(names)
    if missing:
        install_packages(missing, goal)


# --------------------------------------------------------------------------------------- Python packages


def find_python() -> str:
    """An interpreter that is new enough: the one that runs this, or another on the path."""
    if sys.version_info >= OLDEST:
        return sys.executable
    for minor in range(14, OLDEST[1] - 1, -1):
        path = shutil.which(f"python3.{minor}")
        if path:
            return path
    raise Unprepared(
        f"Python 3.{OLDEST[1]} or newer is needed; {sys.executable} is {sys.version.split()[0]}.\n"
        "Install one (on Ubuntu 22.04: apt-get install python3.11 python3.11-venv) and try again."
    )


def environment_runs() -> bool:
    """Whether .venv has an interpreter that starts and is new enough."""
    question = f"import sys; print('yes' if sys.version_info >= {OLDEST} else '')"
    return bool(answer_of([os.path.join(VENV, "bin", "python"), "-c", question]).strip())


def requirement_of_uv() -> str:
    """The lock's own lines on uv, hashes included."""
    with open(os.path.join(ROOT, LOCKS["run"]), encoding="utf-8") as lock:
        found = re.search(r"^uv==(?:.*\\\n)*.*\n", lock.read(), re.MULTILINE)
    if not found:
        raise Unprepared(
            f"{LOCKS['run']} does not name uv; `git checkout` it, or write it anew with `make lock`."
        )
    return found.group()


def environment_of_uv(python: str) -> dict[str, str]:
    """The environment, with pip's settings said in uv's words where uv has none of its own."""
    environment = dict(os.environ, VIRTUAL_ENV=VENV, UV_PYTHON_DOWNLOADS="never")
    settings = answer_of([python, "-m", "pip", "config", "list"])
    for scope in (r"global", r"install", r":env:"):  # as pip weighs them: the later wins
        for name, value in re.findall(rf"^{scope}\.([\w-]+)='(.*)'$", settings, re.MULTILINE):
            if name in SETTINGS_OF_UV and SETTINGS_OF_UV[name] not in os.environ:
                environment[SETTINGS_OF_UV[name]] = value.replace("\\n", " ").strip()
    # Several indexes count as one, as pip has it: the lock's hashes decide what is taken.
    environment.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    return environment


def make_environment(python: str) -> None:
    """A .venv that runs, was made in this place, and holds uv."""
    inside = os.path.join(VENV, "bin", "python")
    if not environment_runs():
        say(f"making .venv with {python}")
        run([python, "-m", "venv", "--clear", VENV])
    if not answer_of([os.path.join(VENV, "bin", "uv"), "--version"]):
        say("installing uv")
        wanted = os.path.join(VENV, "uv.txt")
        with open(wanted, "w", encoding="utf-8") as file:
            file.write(requirement_of_uv())
        run(
            [
                inside,
                "-m",
                "pip",
                "install",
                "-q",
                "--disable-pip-version-check",
                "--require-hashes",
                "-r",
                wanted,
            ]
        )


def fingerprint(kind: str) -> str:
    """Whatever, when it changes, makes .venv out of date."""
    digest = hashlib.sha256(ROOT.encode())
    for name in (LOCKS[kind], "pyproject.toml", os.path.join("packaging", "prepare.py")):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def is_current(kind: str) -> bool:
    """Whether .venv was brought to today's lock, for `kind` or for something that includes it."""
    for wider in ("test",) if kind == "test" else ("run", "test"):
        try:
            with open(os.path.join(VENV, "prepared-" + wider), encoding="ascii") as file:
                if file.read() == fingerprint(wider):
                    return bool(
                        answer_of([os.path.join(VENV, "bin", "python"), "-P", "-c", "import app; print(1)"])
                    )
        except OSError:
            continue
    return False


def prepare_environment(kind: str, python: str) -> None:
    """Bring .venv to the lock, and the program into it."""
    make_environment(python)
    inside, uv = (os.path.join(VENV, "bin", name) for name in ("python", "uv"))
    environment = environment_of_uv(inside)
    say(f"installing Python packages from {LOCKS[kind]}")
    # For the checks .venv holds the lock and nothing else; to start the window nothing is taken away.
    # Python 3.11's venv brings setuptools, whose .pth file would cost time at every start.
    verb = ["sync"] if kind == "test" else ["install", "-r"]
    editable = ["install", "-q", "--no-deps", "--no-build-isolation", "-e", "."]
    with_uv = (
        [uv, "pip", *verb, LOCKS[kind], "--require-hashes", "-q"],
        [uv, "pip", *editable],
        [uv, "pip", "uninstall", "-q", "setuptools"],
    )
    pip = [inside, "-m", "pip"]
    with_pip = (
        [*pip, "install", "-qq", "--require-hashes", "-r", LOCKS[kind]],
        [*pip, *editable],
        [*pip, "uninstall", "-qq", "--yes", "setuptools"],
    )
    try:
        for command in with_uv:
            run(command, environment)
    except subprocess.CalledProcessError:
        say("uv could not; trying pip")
        for command in with_pip:
            run(command)
    with open(os.path.join(VENV, "prepared-" + kind), "w", encoding="ascii") as file:
        file.write(fingerprint(kind))


def write_locks() -> None:
    """Pin the newest versions that pyproject.toml allows; hashes, and no address of any index."""
    uv = os.path.join(VENV, "bin", "uv")
    run([uv, "lock", "--upgrade", "-q"])
    export = [uv, "export", "-q", "--frozen", "--no-emit-project", "--no-header", "--no-annotate"]
    for lock, groups in (
        (LOCKS["run"], ["--no-default-groups", "--group", "build"]),
        (LOCKS["test"], ["--group", "dev"]),
    ):
        run([*export, *groups, "--output-file", lock])
        with open(os.path.join(ROOT, lock), encoding="utf-8") as file:
            if "://" in file.read():
                raise Unprepared(
                    f"{lock} names an address; it must hold nothing but names, versions and hashes."
                )
        say(f"wrote {lock}")


def prepare(kind: str) -> None:
    """Do all of it, in order."""
    python = find_python()
    prepare_system(kind, python)
    os.makedirs(os.path.join(ROOT, "build"), exist_ok=True)
    with open(os.path.join(ROOT, "build", "prepare.lock"), "w", encoding="ascii") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)  # two at once would undo each other's work
        if not is_current(kind.partition(" ")[0]):
            prepare_environment(kind.partition(" ")[0], python)


def main(arguments: Sequence[str]) -> int:
    """Exit code 0 when prepared, 1 when something is left to a person, 2 for wrong usage."""
    kind = " ".join(arguments)
    try:
        if kind == "lock":
            prepare("test")
            write_locks()
        elif kind in SYSTEM:
            prepare(kind)
        else:
            print(__doc__, file=sys.stderr)
            return 2
    except Unprepared as error:
        print(f"\n{error}\n", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"\nFailed: {shlex.join(error.cmd)}\nIts words are above.\n", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
