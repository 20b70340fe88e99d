"""What a task says of when and how often it runs is no code of it, unless something of its code reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from daicho.fingerprint.code import Reader
from tests.fingerprint.code.project import Imported, write

SAID = [
    "priority = 5",
    "resources = {'gpu': 1}",
    "retries = 2",
    "retry_wait = 5.0",
    "retry_on = (ValueError,)",
    "timeout = 60",
    "worker_timeout = 60",
    "@property|def timeout(self):|    return 60",
]


def digests(
    root: Path, own: str = "", *, base: str = "", reads: str = "1", task: str = "Task"
) -> dict[str, str]:
    """The code of `Cell` with these lines in its body, others in its base's, whose `run()` gives what is read."""
    write(
        root,
        {
            "base.py": f"import luigi\n\nclass Base(luigi.{task}):\n"
            + _lines(f"{base}|def run(self):|    return {reads}"),
            "tasks.py": "from base import Base\n\nclass Cell(Base):\n" + _lines(f"x = 1|{own}"),
        },
    )
    with Imported(root) as imported:
        return Reader([root]).code_of(imported.kind("Cell")).digests


def _lines(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.split("|") if line)


@pytest.mark.parametrize("said", SAID)
def test_it_does_not_count(tmp_path: Path, said: str) -> None:
    """In the class or in a base: the code is the same with it and without it."""
    without = digests(tmp_path / "without")
    assert without == digests(tmp_path / "with", said)
    assert without == digests(tmp_path / "above", base=said)


@pytest.mark.parametrize(
    "reads", ["self.timeout", "super().timeout", "vars(self)", "getattr(self, 'timeout')", "repr(self)"]
)
def test_it_counts_where_it_is_read(tmp_path: Path, reads: str) -> None:
    """A method that reads it, by its name or by any that it may make up, gives another result with another value."""
    one = digests(tmp_path / "one", "timeout = 60", reads=reads)
    assert one != digests(tmp_path / "other", "timeout = 61", reads=reads)
    assert digests(tmp_path / "a", base="timeout = 60", reads=reads) != digests(
        tmp_path / "b", base="timeout = 61", reads=reads
    )


def test_it_counts_in_the_body_of_its_class(tmp_path: Path) -> None:
    """What the class computes from it is another with another value."""
    assert digests(tmp_path / "one", "timeout = 60|window = timeout * 2") != digests(
        tmp_path / "other", "timeout = 61|window = timeout * 2"
    )
    assert digests(tmp_path / "a", "timeout, window = 60, 1") != digests(
        tmp_path / "b", "timeout, window = 61, 1"
    )


def test_it_counts_in_classes_that_are_no_tasks(tmp_path: Path) -> None:
    """Only of tasks these names say anything."""
    one = digests(tmp_path / "one", "timeout = 60", task="Parameter")
    assert one != digests(tmp_path / "other", "timeout = 61", task="Parameter")
