"""A disk that is full, files that may not grow, folders that may not be written to: nothing half is seen, and it is said."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from daicho.errors import StoreError
from daicho.ledger import resolve
from daicho.ledger._errors import explain
from tests.faults.killing import FAMILIES, Zygote, left_over, running, visible, zygote

BIG = 3_000_000


@pytest.fixture(scope="module")
def launches(session_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    """Cheap launches."""
    with zygote(session_folder, tmp_path_factory.mktemp("disk")) as made:
        yield made


def _outcomes(document: dict[str, Any]) -> dict[str, str]:
    return {task["label"]: task["outcome"] for task in document.get("tasks", ())}


def _told(document: dict[str, Any]) -> str:
    """All that the launch says of what went wrong."""
    failures = [task["failure"] for task in document.get("tasks", ()) if task["failure"]]
    said = [str(document.get("message", "")), str(document.get("problem") or "")]
    return "\n".join([*said, *(f"{each['message']} {each['hints']}" for each in failures)])


def _afterwards(launches: Zygote, root: Path, counted: set[str]) -> None:
    """With room again: what counted is reused, all is right, and nothing is left over."""
    after = launches.launch(root)["document"]
    assert 0 == after["exit_status"], after
    assert {"reused"} >= {outcome for label, outcome in _outcomes(after).items() if label in counted}
    assert {family: [] for family in FAMILIES} == visible(root)
    assert (0, []) == (running(root), left_over(root))


def _big(root: Path) -> None:
    """The second task saves something large."""
    tasks = root / "tasks.py"
    tasks.write_text(tasks.read_text().replace("save(sum(", f"save('x' * {BIG} or sum("))


@pytest.fixture
def disk(launches: Zygote) -> Iterator[Callable[[int], Path]]:
    """Makes projects on small disks of their own, where this process may mount any; `resize` gives them room."""
    mounted = []

    def make(size: int) -> Path:
        root = launches.project()
        files = {path.name: path.read_bytes() for path in root.iterdir()}
        if os.geteuid() != 0 or subprocess.run(_mount(f"size={size}k", root), check=False).returncode:
            pytest.xfail("no disk can be mounted here")
        mounted.append(root)
        for name, content in files.items():
            (root / name).write_bytes(content)
        return root

    yield make
    for root in mounted:
        subprocess.run(["umount", "--lazy", root], check=True)


def _mount(options: str, root: Path) -> list[str]:
    return ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(root)]


LIMITS = [100, 1_000, 2_500, 10_000, 700_000]
DISKS = [50, 100, 940, 980, 1020, 1100]


@pytest.mark.slow
@pytest.mark.parametrize("largest", LIMITS)
def test_files_that_may_not_grow(largest: int, launches: Zygote) -> None:
    """Whatever the largest file may be: what could not be written is named, and the next launch is right."""
    root = launches.project()
    document = launches.launch(root, largest=largest)["document"]
    _stopped(document)
    counted = visible(root)
    assert [] == [wrong for each in counted.values() for wrong in each]
    _afterwards(launches, root, set(counted) | _kept(document))


@pytest.mark.slow
def test_an_output_that_is_too_large(launches: Zygote) -> None:
    """An output that cannot be saved fails its task alone, which says which file it was and why."""
    root = launches.project()
    _big(root)
    document = launches.launch(root, largest=1_000_000)["document"]
    assert (1, {"First": "ran", "Second": "failed", "Third": "not started"}) == (
        document["exit_status"],
        _outcomes(document),
    )
    assert "out.json" in _told(document)
    assert "larger than a file may be here" in _told(document)
    assert {"First": []} == visible(root)
    tasks = root / "tasks.py"
    tasks.write_text(tasks.read_text().replace(f"'x' * {BIG} or ", ""))
    _afterwards(launches, root, {"First"})


@pytest.mark.slow
def test_a_database_that_may_not_grow(launches: Zygote) -> None:
    """Results whose records find no room in the database wait, and are recorded by the next launch."""
    root = launches.project()
    launches.launch(root)
    _changed(root)
    document = launches.launch(root, largest=(root / "mlflow.db").stat().st_size)["document"]
    assert (3, {"ran"}) == (document["exit_status"], set(_outcomes(document).values()) - {"reused"}), document
    assert "mlflow.db" in document["problem"]
    assert "its disk is full" in document["problem"]
    _afterwards(launches, root, set(FAMILIES))


@pytest.mark.slow
def test_a_full_disk(disk: Callable[[int], Path], launches: Zygote) -> None:
    """Wherever the disk becomes full, in the outputs, the records or the database: the same holds."""
    for size in DISKS:
        root = disk(size)
        document = launches.launch(root)["document"]
        assert "no space is left on the disk" in _stopped(document), (size, document)
        counted = visible(root)
        assert [] == [wrong for each in counted.values() for wrong in each], size
        subprocess.run(_mount("remount,size=9000k", root), check=True)
        _afterwards(launches, root, set(counted) | _kept(document))


@pytest.mark.slow
def test_a_disk_that_is_read_only(disk: Callable[[int], Path], launches: Zygote) -> None:
    """What lies on it is reused; what must run is refused with one sentence before it starts, and made afterwards."""
    root = disk(9000)
    launches.launch(root)
    subprocess.run(_mount("remount,ro", root), check=True)
    same = launches.launch(root)["document"]
    assert (0, {"reused"}) == (same["exit_status"], set(_outcomes(same).values()))
    subprocess.run(_mount("remount,rw", root), check=True)
    _changed(root)
    subprocess.run(_mount("remount,ro", root), check=True)
    refused = launches.launch(root)["document"]
    assert (2, "project", True) == (
        refused["exit_status"],
        refused["error"],
        "Read-only file system" in refused["message"],
    )
    subprocess.run(_mount("remount,rw", root), check=True)
    _afterwards(launches, root, set())


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "`/there/a.json` could not be written: no space is left on the disk"),
        (errno.EDQUOT, "`/there/a.json` could not be written: the quota on the disk is used up"),
        (
            errno.EFBIG,
            "`/there/a.json` could not be written: it is larger than a file may be here (see `ulimit -f`)",
        ),
        (errno.EACCES, "the store `{store}` cannot be used: no permission for `/there/a.json`"),
        (errno.EROFS, "the store `{store}` cannot be used: no permission for `/there/a.json`"),
    ],
)
def test_the_sentences(number: int, said: str, tmp_path: Path) -> None:
    """Each way in which a disk refuses has its sentence, which names the file, and a hint."""
    store = resolve(tmp_path, None)
    told = explain(OSError(number, os.strerror(number), "/there/a.json"), store)
    assert isinstance(told, StoreError)
    assert (said.format(store=store), 1, 3) == (told.message, len(told.hints), told.exit_status)


def _changed(root: Path) -> None:
    tasks = root / "tasks.py"
    tasks.write_text(tasks.read_text().replace("[1, 2, 3]", "[3, 2, 1]"))


def _stopped(document: dict[str, Any]) -> str:
    """What is told by a launch that could not write, and ended with the status that fits."""
    outcomes = set(_outcomes(document).values())
    expected = 2 if not outcomes else 1 if outcomes - {"ran", "reused"} else 3
    assert expected == document["exit_status"], document
    told = _told(document)
    sentences = ("no space is left", "larger than a file may be", "its disk is full, broken, or limits files")
    assert any(each in told for each in sentences), document
    return told


def _kept(document: dict[str, Any]) -> set[str]:
    """The tasks that ran to their end: their results are recorded, or wait."""
    return {label for label, outcome in _outcomes(document).items() if outcome == "ran"}
