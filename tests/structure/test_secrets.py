"""What the repository must not tell: paths of the machine it was written on, and hosts that others run."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PATHS = re.compile(r"(?<![\w.<>{}*-])/(?:work|root|home/[a-z]+)/")
HOSTS = re.compile(r"\b(?:pypi[.]org|pythonhosted[.]org|npmjs[.](?:org|com)|debian[.]org)\b")


def test_no_file_names_a_path_or_a_host() -> None:
    """No file that git would keep names a path of somebody's machine or the host of a registry."""
    assert [] == [
        f"{path.relative_to(ROOT)}: {found}" for path in _kept() for found in _told(path.read_bytes())
    ]


# In pieces, so that this file is not found itself.
@pytest.mark.parametrize(
    "text", [f"at {'/root'}/x", f"see https://{'pypi'}.org/simple", f"'{'/home'}/ada/x'"]
)
def test_what_is_told_is_found(text: str) -> None:
    """A path or a host in the middle of a line is found."""
    assert [] != _told(text.encode())


def test_other_paths_are_left_alone() -> None:
    """Paths inside the project and folders of like names are nobody's secret."""
    assert [] == _told(b"src/work/x .daicho/root/x {root}/work/ pypi")


def _kept() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return [
        ROOT / name.decode()
        for name in listed.stdout.split(b"\0")
        if name and (ROOT / name.decode()).is_file()
    ]


def _told(content: bytes) -> list[str]:
    text = content.decode("utf-8", errors="ignore")
    return [found.group() for pattern in (PATHS, HOSTS) for found in pattern.finditer(text)]
