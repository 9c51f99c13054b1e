"""The Python environment of eventsource-py, made from PyPI on first use and kept under build/ for the next runs.

pip is used as it is set up on the machine: its index, proxy and certificates are its own.
"""

import fcntl
import hashlib
import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import venv

REQUIREMENTS = pathlib.Path(__file__).with_name("requirements.txt")


def python() -> pathlib.Path:
    """The interpreter that has what requirements.txt names."""
    root = pathlib.Path(os.environ["EVENTSOURCE_SOURCE_DIR"]) / "build/interop"
    root.mkdir(parents=True, exist_ok=True)
    wanted = f"{sys.version}\n{REQUIREMENTS.read_text(encoding='utf-8')}"
    folder = root / f"eventsource-py-{hashlib.sha256(wanted.encode()).hexdigest()[:12]}"
    complete = folder / "complete"
    # Test runs of several builds share it: the first makes it, the others wait.
    with open(root / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            _make(folder)
            complete.touch()
    return folder / "bin/python"


def _make(folder: pathlib.Path):
    shutil.rmtree(folder, ignore_errors=True)  # one that was left half made
    if importlib.util.find_spec("ensurepip") is None:
        raise RuntimeError("Python has no ensurepip to make an environment with: run tools/setup.sh test")
    venv.EnvBuilder(symlinks=True, with_pip=True).create(folder)
    done = subprocess.run(
        [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check",
         "--requirement", str(REQUIREMENTS)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(
            "eventsource-py could not be installed from PyPI, which this test wants once; "
            f"`pip config list` shows how pip reaches it.\n{done.stdout}"
        )
