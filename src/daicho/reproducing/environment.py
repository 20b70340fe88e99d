"""The Python that makes a run again: a new environment with the recorded versions, made by uv; or the one at hand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daicho._version import __version__
from daicho.compare.difference import counted
from daicho.errors import ProjectError
from daicho.provenance import mask_url, read_environment
from daicho.provenance.environment import normal_name

OURS = "daicho"
_PATIENCE = 3600.0  # seconds for an installation
_MOST = 4  # versions that are named


@dataclass(frozen=True)
class Environment:
    """A Python with what is installed in it.

    Attributes:
        python: The program.
        made: Whether it was made for this; False for the one at hand.
        notes: In what it is not as recorded, a sentence each.
    """

    python: Path
    made: bool
    notes: tuple[str, ...] = ()


def at_hand(recorded: Mapping[str, Any], root: Path) -> Environment:
    """The present environment, and how it differs from a recorded one."""
    here = read_environment(root).to_json()
    return Environment(Path(sys.executable), made=False, notes=differences(recorded, here))


def differences(recorded: Mapping[str, Any], here: Mapping[str, Any]) -> tuple[str, ...]:
    """How two environments differ, in sentences."""
    found = [
        f"{title}: {recorded[name]} recorded, {here.get(name)} here"
        for name, title in (
            ("python", "Python"),
            ("implementation", "Python's kind"),
            ("platform", "the system"),
        )
        if recorded.get(name) and recorded[name] != here.get(name)
    ]
    then, now = (_packages(each) for each in (recorded, here))
    if then:
        changed = [
            f"{name} {then.get(name, '(none)')} -> {now.get(name, '(none)')}"
            for name in sorted(then.keys() | now.keys())
            if then.get(name) != now.get(name)
        ]
        if changed:
            more = f", and {len(changed) - _MOST} more" if len(changed) > _MOST else ""
            found.append(f"{counted(len(changed), 'package')}: {', '.join(changed[:_MOST])}{more}")
    return tuple(found)


def packages(recorded: Mapping[str, Any], without: Collection[str]) -> tuple[str, ...]:
    """What is to be installed, as `name==version`: all that was, but for daicho and what is the project's own."""
    left = {OURS, *map(normal_name, without)}
    return tuple(
        f"{name}=={version}"
        for name, version in sorted(_packages(recorded).items())
        if name not in left and version != "unknown"
    )


def index() -> str:
    """Where packages come from, for people."""
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        if os.environ.get(name):
            return mask_url(os.environ[name])
    return "the package index that uv is configured for"


def make(recorded: Mapping[str, Any], folder: Path, without: Collection[str]) -> Environment:
    """Make an environment as recorded.

    Args:
        recorded: An environment as a record has it.
        folder: Where it is to be.
        without: Distributions that are not installed, for their code is laid out from the record.

    Raises:
        ProjectError: If uv is not there, or what was recorded cannot be installed.
    """
    uv = find_uv()
    version = str(recorded.get("python") or "")
    wanted = packages(recorded, without)
    if not version or not wanted:
        raise ProjectError(
            "the run's record does not say which Python and which packages made it", hints=("take `--here`",)
        )
    notes = _python(uv, version, folder)
    python = folder / "bin" / "python"
    listed = folder / "recorded-packages.txt"
    listed.write_text("".join(f"{each}\n" for each in wanted), encoding="utf-8")
    problem = _asked([*install(uv, python), "-r", str(listed)])
    if problem is not None:
        raise ProjectError(
            f"the recorded packages cannot be installed: {problem}",
            hints=("take `--here`: the present environment, with a list of what differs",),
        )
    return Environment(python, made=True, notes=(*notes, *_ourselves(uv, python, recorded)))


def find_uv() -> str:
    """The program.

    Raises:
        ProjectError: If it is not there.
    """
    beside = Path(sys.executable).with_name("uv")
    found = shutil.which("uv") or (str(beside) if beside.is_file() else None)
    if found is None:
        raise ProjectError(
            "an environment as recorded is made by `uv`, which is not installed",
            hints=(
                "pip install uv",
                "or take `--here`: the present environment, with a list of what differs",
            ),
        )
    return found


def install(uv: str, python: Path) -> list[str]:
    """The command line that installs exactly what is named behind it: what depends on what is in the record already."""
    return [uv, "pip", "install", "--quiet", "--no-deps", "--python", str(python)]


def _python(uv: str, version: str, folder: Path) -> tuple[str, ...]:
    """Make the environment with the recorded Python, or the nearest one of its minor version."""
    minor = re.match(r"\d+\.\d+", version)
    problem: str | None = "its version is not one"
    for wanted in dict.fromkeys([version, minor[0] if minor else version]):
        problem = _asked([uv, "venv", "--quiet", "--no-project", "--python", wanted, str(folder)])
        if problem is None:
            exact = wanted == version
            return () if exact else (f"Python {version} can't be had here: the nearest {wanted} is taken",)
    raise ProjectError(
        f"Python {version} can't be had: {problem}",
        hints=("install it, or take `--here`: the present environment, with a list of what differs",),
    )


def _ourselves(uv: str, python: Path, recorded: Mapping[str, Any]) -> tuple[str, ...]:
    """Install daicho: of the recorded version where that can be had, else as it is here."""
    version = _packages(recorded).get(OURS, "")
    if version not in ("", "unknown", __version__):
        if _asked([*install(uv, python), f"{OURS}=={version}"]) is None:
            return ()
        note = f"daicho {version} can't be had: {__version__} is taken, as here"
    else:
        note = ""
    site = next((python.parent.parent / "lib").glob("python*/site-packages"))
    shutil.copytree(
        Path(__file__).parents[1],
        site / OURS,
        ignore=shutil.ignore_patterns("__pycache__"),
        dirs_exist_ok=True,
    )
    info = site / f"{OURS}-{__version__}.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {OURS}\nVersion: {__version__}\n", encoding="utf-8"
    )
    return (note,) if note else ()


def _asked(command: list[str]) -> str | None:
    """Run uv; what it says if it does not succeed, in one line."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "NO_COLOR": "1"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return None
    said = " ".join(part.strip("×╰─▶├│ ") for part in done.stderr.splitlines() if part.strip())
    return mask_url(said)[:600] or f"uv ended with exit status {done.returncode}"


def _packages(environment: Mapping[str, Any]) -> dict[str, str]:
    found = environment.get("packages")
    return {str(name): str(version) for name, version in found.items()} if isinstance(found, Mapping) else {}
