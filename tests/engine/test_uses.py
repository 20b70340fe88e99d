"""Files that a class uses: what was planned is what runs, as for sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from daicho import Task, output
from daicho.digest import of_file
from daicho.engine.assigning import Assigner
from daicho.engine.stage import check
from daicho.errors import InputError
from daicho.plan.planner import Planner
from daicho.record import Manifest
from daicho.remembered import Digests
from daicho.task import graph
from tests.plan.memory import Shelf, all_parts, alone


class Query(Task):
    """Uses a file."""

    uses = ("query.sql",)
    out = output("out.txt")

    def run(self) -> None:
        self.out.save("x")


@pytest.fixture
def assigner(tmp_path: Path) -> Iterator[tuple[Assigner, str]]:
    """What assigns the task, and the task."""
    (tmp_path / "query.sql").write_text("select 1")
    with alone(tmp_path):
        built = graph.build(Query())
        [(task_id, parts)] = all_parts(built, tmp_path).items()
        digest = of_file(tmp_path / "query.sql")
        parts = replace(parts, settings={"uses:query.sql": digest, "ignores": "lib", "environment:LANG": "x"})
        shelf = Shelf()
        planner = Planner(built, {task_id: parts}, shelf)
        planner.plan()
        yield Assigner(tmp_path / "launch", tmp_path, planner, shelf.fetch, Digests()), task_id


def test_a_used_file_is_guarded(assigner: tuple[Assigner, str], tmp_path: Path) -> None:
    """A used file that is edited while the task runs is noticed, by name."""
    guards = assigner[0].assign(assigner[1]).guards
    check("Query", guards)
    (tmp_path / "query.sql").write_text("select 2")
    with pytest.raises(
        InputError, match=r"`query\.sql`, which it uses, changed while `Query` was to read it"
    ):
        check("Query", guards)


def test_a_used_file_is_what_was_planned(assigner: tuple[Assigner, str], tmp_path: Path) -> None:
    """A used file that was edited or deleted since the plan was made stops the task before it starts."""
    (tmp_path / "query.sql").write_text("select 2")
    with pytest.raises(InputError, match="which it uses, changed since the plan was made"):
        assigner[0].assign(assigner[1])
    (tmp_path / "query.sql").unlink()
    with pytest.raises(InputError, match="which it uses, is gone since the plan was made"):
        assigner[0].assign(assigner[1])


def test_a_manifest_without_notes_is_read() -> None:
    """What an earlier version left behind is recorded by this one."""
    manifest = Manifest("Query_1", "ran", 1.0, 2.0, notes=("a note",))
    assert manifest == Manifest.from_json(manifest.to_json())
    old = {name: value for name, value in manifest.to_json().items() if name != "notes"}
    assert replace(manifest, notes=()) == Manifest.from_json(old)
