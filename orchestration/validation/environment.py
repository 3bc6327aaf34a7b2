"""An environment of Python 3.12 with the official validator in it: its pins clash with ours."""

from __future__ import annotations

import glob
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
VERSION = "3.12"


class CannotInstall(Exception):
    """The environment could not be made; the message says why."""


def find_python() -> str | None:
    """A Python 3.12 that starts: named by AI_FINOPS_PYTHON312, on the path, uv's or pyenv's."""
    candidates = [os.environ.get("AI_FINOPS_PYTHON312"), shutil.which(f"python{VERSION}")]
    if uv := shutil.which("uv"):
        candidates.append(_output([uv, "python", "find", VERSION]))
    pyenv = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    candidates += sorted(glob.glob(f"{pyenv}/versions/{VERSION}.*/bin/python"), reverse=True)
    for candidate in filter(None, candidates):
        # A shim of a version manager may be there and start nothing.
        if _output([candidate, "-c", _SAY_VERSION]) == VERSION:
            return candidate
    return None


def make_environment(python: str, folder: Path) -> Path:
    """The environment's interpreter; installs where the requirements have changed."""
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:16]
    stamp = folder / f".installed-{wanted}"
    interpreter = folder / "bin" / "python"
    if stamp.exists() and interpreter.exists():
        return interpreter
    shutil.rmtree(folder, ignore_errors=True)
    install = [str(interpreter), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    for command in (
        [python, "-m", "venv", str(folder)],
        [*install, "--no-deps", "-r", str(REQUIREMENTS)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:]
            raise CannotInstall(" ".join(last) or f"{command[0]} ended with {done.returncode}")
    stamp.touch()
    return interpreter


def site_packages(interpreter: Path) -> Path:
    """Where the validator lies: it finds its list of currencies from there only."""
    found = _output([str(interpreter), "-c", "import site; print(site.getsitepackages()[0])"])
    if not found:
        raise CannotInstall(f"{interpreter} does not start")
    return Path(found)


_SAY_VERSION = "import sys; print('%d.%d' % sys.version_info[:2])"


def _output(command: list[str]) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
