"""The running Python and its distributions, seen as `importlib.metadata` sees them."""

from __future__ import annotations

import hashlib
import json
import platform
import re
import sys
import time
from importlib import metadata
from pathlib import Path

import pytest

from daicho.provenance import read_environment
from tests.provenance.repositories import write


def test_the_running_python(tmp_path: Path) -> None:
    """Version, kind and machine are those of this process."""
    found = read_environment(tmp_path)
    assert platform.python_version() == found.python
    assert (platform.python_implementation(), platform.machine()) == (found.implementation, found.machine)
    assert platform.system() in found.platform or platform.mac_ver()[0] in found.platform


def test_packages_are_those_of_importlib(tmp_path: Path) -> None:
    """Names and versions agree with what the slow way says, sorted by normalised name."""
    found = read_environment(tmp_path).packages
    slow: dict[str, str] = {}
    for distribution in metadata.distributions():
        slow.setdefault(re.sub(r"[-_.]+", "-", distribution.name).lower(), distribution.version)
    assert slow == found
    assert sorted(found) == list(found)
    assert metadata.version("pytest") == found["pytest"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Foo_Bar.baz-1.2.3.dist-info/METADATA", ("foo-bar-baz", "1.2.3")),
        ("torch-2.1.0+cu118.dist-info/METADATA", ("torch", "2.1.0+cu118")),
        ("old-1.0-py3.11.egg-info/PKG-INFO", ("old", "1.0")),
        ("native-1.0-py3.11-linux-x86_64.egg-info/PKG-INFO", ("native", "1.0")),
        ("developed.egg-info/PKG-INFO", ("developed", "7.1")),
        ("single.egg-info", ("single", "7.1")),
    ],
)
def test_every_kind_of_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, expected: tuple[str, str]
) -> None:
    """Wheels, old eggs and development installs are found by their folder or file."""
    write(tmp_path, f"site/{name}", "Metadata-Version: 2.1\nName: any\nVersion: 7.1\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "site"), str(tmp_path / "missing.zip")])
    assert dict([expected]) == read_environment(tmp_path).packages


def test_the_first_on_the_path_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two versions the one that an import would get is recorded; leftovers of pip are none."""
    write(tmp_path, "one/foo-2.0.dist-info/METADATA", "")
    write(tmp_path, "two/foo-1.0.dist-info/METADATA", "")
    write(tmp_path, "two/~ar-1.0.dist-info/METADATA", "")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "one"), str(tmp_path / "two")])
    assert {"foo": "2.0"} == read_environment(tmp_path).packages


def test_a_hundred_distributions_take_no_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading a hundred names and versions stays far below 100 ms."""
    for number in range(100):
        write(tmp_path, f"site/package_{number}-1.{number}.dist-info/METADATA", "Version: 0\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "site")])
    read_environment(tmp_path)  # the platform's name is found once a process
    start = time.process_time()
    assert 100 == len(read_environment(tmp_path).packages)
    assert time.process_time() - start < 0.1


def test_the_first_lock_file_counts(tmp_path: Path) -> None:
    """The lock is the digest of the first lock file that is there."""
    assert None is read_environment(tmp_path).lock
    for name in ("requirements.txt", "poetry.lock", "uv.lock"):
        write(tmp_path, name, name)
        assert hashlib.sha256(name.encode()).hexdigest() == read_environment(tmp_path).lock


def test_values_are_json(tmp_path: Path) -> None:
    """Every field reaches JSON."""
    found = read_environment(tmp_path)
    value = json.loads(json.dumps(found.to_json()))
    assert ["python", "implementation", "platform", "machine", "packages", "lock"] == list(value)
    assert found.packages == value["packages"]
