"""What a format writes when its disk is full, and in other processes: the part of its check that needs a child.

The child is `python -m daicho.formats._trial`, which reads a pickle from its standard input. It finds the module
of the format as its parent did, also where only a test runner knew how to.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import pickle
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_SEEDS: Final = ("1", "2")
_LONG: Final = 300
"""Seconds that a child may take."""

_TOLD: Final = 3
"""The status of a child whose format told that the disk is full."""


@dataclass(frozen=True)
class Trial:
    """What a child is to do.

    Attributes:
        save: A pickle of the format and of values to save, one after the other.
        modules: The modules that the pickle needs, and their files.
        folder: Where it writes `0`, `1`, `2`, ...
        limit: How many bytes a file may have, as if the disk were full then; None for as many as it takes.
    """

    save: bytes
    modules: tuple[tuple[str, str], ...]
    folder: str
    limit: int | None = None


def save_elsewhere(format: Any, values: Sequence[Any], folder: Path, file: str) -> list[str]:  # noqa: A002
    """Save values in two processes with other hash seeds, as `folder/1/0/file` and so on; what they complained of."""
    children = []
    for seed in _SEEDS:
        (folder / seed).mkdir()
        trial = Trial(pickle.dumps((format, values, file)), _modules(format, values), str(folder / seed))
        children.append(_start(trial, seed))
    return [said for child in children if (said := _end(child))]


def save_on_a_full_disk(format: Any, value: Any, folder: Path, file: str, limit: int) -> str | None:  # noqa: A002
    """Save a value as `folder/0/file` where no file may have more than some bytes.

    Returns:
        What went wrong beside that; "" if nothing did, None if the format told nothing of the full disk.
    """
    trial = Trial(pickle.dumps((format, [value], file)), _modules(format, [value]), str(folder), limit)
    child = _start(trial, _SEEDS[0])
    said = _end(child)
    return None if child.returncode == 0 else "" if child.returncode == _TOLD else said


def _modules(format: Any, values: Iterable[Any]) -> tuple[tuple[str, str], ...]:  # noqa: A002
    names = {type(each).__module__ for each in (format, *values)}
    files = ((name, getattr(sys.modules.get(name), "__file__", None)) for name in sorted(names))
    return tuple((name, os.path.abspath(file)) for name, file in files if file)


def _start(trial: Trial, seed: str) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "PYTHONHASHSEED": seed,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    child = subprocess.Popen(
        [sys.executable, "-m", "daicho.formats._trial"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert child.stdin is not None
    try:
        child.stdin.write(pickle.dumps(trial))
        child.stdin.close()
    except BrokenPipeError:
        pass  # it is gone: what it said of that is read when it is waited for
    child.stdin = None
    return child


def _end(child: subprocess.Popen[bytes]) -> str:
    """The last line of what a child complained of; "" if it did as it was told."""
    _, said = child.communicate(timeout=_LONG)
    lines = said.decode(errors="replace").strip().splitlines()
    return "" if child.returncode == 0 else lines[-1] if lines else f"status {child.returncode}"


def main() -> None:
    """Do what the standard input says."""
    trial: Trial = pickle.load(sys.stdin.buffer)
    for name, file in trial.modules:
        _import(name, file)
    format, values, file = pickle.loads(trial.save)  # noqa: A001  # the word of the whole package
    if trial.limit is None:
        for number, value in enumerate(values):
            folder = Path(trial.folder, str(number))
            folder.mkdir()
            format.save(value, folder / file)
        return
    import resource  # not on every system that can run the rest

    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (trial.limit, most))
    try:
        format.save(values[0], Path(trial.folder, "0", file))
    except Exception:  # noqa: BLE001  # what a library makes of a failed write is its own
        sys.exit(_TOLD)


def _import(name: str, file: str) -> None:
    try:
        importlib.import_module(name)
    except ImportError:
        spec = importlib.util.spec_from_file_location(name, file)
        assert spec is not None
        assert spec.loader is not None
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)


if __name__ == "__main__":
    main()
