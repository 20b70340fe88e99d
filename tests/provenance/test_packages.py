"""Which distribution a module comes from: as `importlib.metadata` has it, only cheaper."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from daicho.provenance.environment import normal_name
from daicho.provenance.packages import Packages


def install(folder: Path, name: str, version: str, files: Mapping[str, str]) -> None:
    """A distribution as an installer leaves it: what describes it."""
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir()
    for file, text in files.items():
        (info / file).write_text(text)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of Python's path."""
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    return tmp_path


def test_it_agrees_with_the_library() -> None:
    """For every module that is installed here the answer is among those of `importlib.metadata`, and is found."""
    known = {
        module: {normal_name(name) for name in names}
        for module, names in importlib.metadata.packages_distributions().items()
        if module.isidentifier() and module not in sys.stdlib_module_names
    }
    packages = Packages()
    found = {module: set(packages.of([module])) for module in known}
    assert {} == {module: names for module, names in found.items() if not names or not names <= known[module]}


def test_versions_are_those_installed() -> None:
    """A module named otherwise than its distribution is found, with the version; Python's own are left out."""
    assert {"pytest": pytest.__version__} == Packages().of(["pytest", "json", "sys", "no_such_module"])


def test_a_name_may_lie(site: Path) -> None:
    """The distribution that holds a module counts, not one that is only called so; a namespace has several."""
    install(site, "attr", "0.3", {"RECORD": "other/x.py,,\n"})
    install(site, "attrs", "25.1", {"RECORD": "attr/__init__.py,sha256=x,1\nattrs/__init__.py,,\n"})
    install(site, "cloud_a", "1", {"RECORD": "cloud/a.py,,\r\n"})
    install(site, "cloud.b", "2", {"top_level.txt": "cloud\n"})
    assert {"attrs": "25.1"} == Packages().of(["attr"])
    assert {"cloud-a": "1", "cloud-b": "2"} == Packages().of(["cloud"])


def test_without_a_list_the_name_must_do(site: Path) -> None:
    """A distribution that does not say what it holds is taken by its name, unless another one says that it is its."""
    install(site, "Plain_Name", "1", {})
    install(site, "taken", "1", {})
    install(site, "owner", "2", {"RECORD": "taken.py,,\n"})
    assert {"plain-name": "1", "owner": "2"} == Packages().of(["plain_name", "taken"])
