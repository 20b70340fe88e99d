"""What changes under a launch is noticed: sources, inputs, code, stored bytes. Nothing stale is ever recorded."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.launching import Launched, launch, staged, start, stored, until
from tests.support.project import Project

TASKS = """
    import time
    from pathlib import Path
    from daicho import Source, Task, output, source
    from tools import scaled

    class Reader(Task):
        raw: Source = source("input/x.json")
        wait: bool = False
        out = output("out.json")

        def run(self):
            found = self.raw.load()
            Path("started").touch()
            while self.wait and not Path("go").exists():
                time.sleep(0.05)
            self.out.save(scaled(found))

    class Above(Task):
        reader: Reader
        times: int = 1
        out = output("out.json")

        def run(self):
            self.out.save(self.reader.out.load() * self.times)
"""
FILES = {"tools.py": "def scaled(x):\n    return x\n", "input/x.json": "2"}


EDITING = """
import daicho
from pathlib import Path

def tell(event):
    if type(event).__name__ == "Planned":
        Path("tools.py").write_text("def scaled(x):\\n    return x + 1\\n")

if __name__ == "__main__":
    run = daicho.run("Above", observers=[tell])
    print(run.exit_status, run["Reader"].result.failure.message)
"""


def _output(launched: Launched, label: str) -> Any:
    return json.loads(Path(launched.task(label)["outputs"][0]["path"]).read_text())


@pytest.mark.slow
def test_code_that_is_edited_between_plan_and_run(project: Callable[..., Project]) -> None:
    """What runs is what was planned with, or nothing: the error names the file, and the next launch takes it."""
    made = project(TASKS, "", FILES)
    done = made.python("-c", EDITING)
    assert done.stdout.startswith("1 "), done.stderr
    assert "tools.py" in done.stdout
    assert not [run for run in stored(made) if run.status == "FINISHED"]
    after = launch(made, "Above")
    assert (0, 3) == (after.exit_status, _output(after, "Above"))


@pytest.mark.slow
def test_a_source_that_changes_while_it_is_read(project: Callable[..., Project]) -> None:
    """The result is not recorded but kept aside, the error names the source, and the next launch is right."""
    made = project(TASKS, "", FILES)
    running = start(made, "Above", params={"Reader.wait": True})
    until((made.root / "started").exists, "the task", running)
    made.write("input/x.json", "3")
    (made.root / "go").touch()
    ended = running.ended()
    assert (1, "failed", "not started") == (
        ended.exit_status,
        ended.outcomes["Reader"],
        ended.outcomes["Above"],
    )
    failure = ended.task("Reader")["failure"]
    assert "the source `input/x.json` changed while `Reader` was to read it" in failure["message"]
    assert {"FAILED"} == {run.status for run in stored(made)}
    (kept,) = [path for path in staged(made) if path.endswith("out/out.json")]
    assert kept.removesuffix("/out.json") in ended.told  # where a person finds it
    after = launch(made, "Above", params={"Reader.wait": True})
    assert {"Reader": "ran", "Above": "ran"} == after.outcomes
    assert 3 == _output(after, "Reader")


@pytest.mark.slow
def test_stored_bytes_that_were_changed(project: Callable[..., Project]) -> None:
    """An output that somebody changed is made again before it is read, and replaced; one that is gone, too."""
    made = project(TASKS, "", FILES)
    first = launch(made, "Above")
    path = first.task("Reader")["outputs"][0]["path"]
    stat = os.stat(path)
    os.chmod(path, 0o644)
    with open(path, "r+") as file:  # the same size, the same time: a look tells nothing
        file.write("9")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    second = launch(made, "Above", params={"Above.times": 2})
    assert {"Reader": "ran", "Above": "ran"} == second.outcomes
    assert ["corrupt"] == [reason["kind"] for reason in second.task("Reader")["reasons"]]
    assert 4 == _output(second, "Above")
    os.remove(second.task("Reader")["outputs"][0]["path"])
    third = launch(made, "Above", params={"Above.times": 2})
    assert {"Reader": "ran", "Above": "reused"} == third.outcomes
    assert ["missing"] == [reason["kind"] for reason in third.task("Reader")["reasons"]]
    replaced = [run.tags.get("daicho.supersedes") for run in stored(made) if run.name == "Reader"]
    assert [None, first.task("Reader")["run_id"], second.task("Reader")["run_id"]] == replaced


@pytest.mark.slow
def test_forcing_replaces(project: Callable[..., Project]) -> None:
    """`-f` runs all again; the new results count from then on."""
    made = project(TASKS, "", FILES)
    first = launch(made, "Above")
    forced = launch(made, "Above", options={"force": True})
    assert {"Reader": "ran", "Above": "ran"} == forced.outcomes
    assert ["asked for with -f"] == forced.reasons("Above")
    after = launch(made, "Above")
    assert [task["run_id"] for task in forced.document["tasks"]] == [
        task["run_id"] for task in after.document["tasks"]
    ]
    assert first.task("Above")["run_id"] != after.task("Above")["run_id"]
    assert [first.task("Above")["key"]] * 2 == [each.task("Above")["key"] for each in (forced, after)]


@pytest.mark.slow
def test_inline_is_the_same(project: Callable[..., Project]) -> None:
    """In this process or in a worker: the same keys, the same records, one reuses the other's."""
    made = project(TASKS, "", FILES)
    inline = launch(made, "Above", options={"inline": True})
    assert {"Reader": "ran", "Above": "ran"} == inline.outcomes
    assert "up to date" == launch(made, "Above").document["status"]
    forced = launch(made, "Above", options={"force": True})
    assert [(task["key"], task["outputs"][0]["digest"]) for task in inline.document["tasks"]] == [
        (task["key"], task["outputs"][0]["digest"]) for task in forced.document["tasks"]
    ]
    names = ["TaskStarted Reader", "TaskRecorded Reader", "TaskRecorded Above"]
    assert [True] * 6 == [name in each.told for name in names for each in (inline, forced)]
