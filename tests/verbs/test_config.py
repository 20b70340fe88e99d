"""`daicho config`: every value that holds, and where it came from; and what a launch makes of a configuration."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import daicho
from daicho.cli.app import main
from daicho.errors import ConfigurationError, ParameterError
from tests.cli.schemas import check
from tests.support.project import Project

TASKS = """
    from __future__ import annotations

    import os
    from pathlib import Path

    from daicho import Secret, Task, output, param

    class Loader(Task):
        columns: list[str]
        token: Secret
        login: dict[str, str] = {}
        loaded = output("loaded.json")

        def run(self):
            # Somebody edits the file while the run goes on.
            Path("luigi.toml").write_text("[Trainer]\\nseed = 99\\n")
            print("the token is", self.token, repr(self.token), self.token.reveal())
            self.loaded.save([len(self.token.reveal()), os.environ.get("ONLY_IN_ENV")])

    class Trainer(Task):
        data: Loader
        seed: int = 0
        rate: float = 0.1
        model = output("model.json")

        def run(self):
            self.model.save([self.seed, self.rate, Trainer.configured(rate=0.0).seed])

    class Broken(Task):
        data: Loader
        token: Secret

        def run(self):
            raise ConnectionError(f"401 for {self.token.reveal()}")

    class Compared(Task):
        plain: Trainer
        wide: Trainer = param(named="wide")
        data: Loader
        score = output("score.json")

        def run(self):
            self.score.save([self.plain.model.load(), self.wide.model.load(), self.data.loaded.load()])

    class All(Task):
        compared: Compared
        broken: Broken
"""
CONFIG = """
    [RunConfig]
    task = "Compared"

    [defaults]
    seed = 3

    [Loader]
    columns = ["a"]
    login = { name = "me", password = "hunter2" }

    [Trainer.wide]
    rate = 0.9
"""
ENV = "DAICHO_Loader__token=hunter2-token\nONLY_IN_ENV=seen\n"


@pytest.fixture
def made(project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """The project, with a module `tasks` of its own."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield project(TASKS, CONFIG, {".env": ENV})
    sys.modules.pop("tasks", None)
    importlib.invalidate_caches()


def _told(found: daicho.Configuration, label: str) -> dict[str, tuple[object, str]]:
    task = next(each for each in found.tasks if each.label == label)
    return {each.name: (each.value, each.where) for each in task.values}


def test_each_value_says_where_it_came_from(made: Project) -> None:
    """For the tasks of the target in their order: class, file with line, `.env`, command line, code; no secret."""
    found = daicho.configuration(folder=made.root, overrides=("Trainer.seed=5",))
    labels = [each.label for each in found.tasks]
    assert ("Loader", "Compared", 4) == (labels[0], labels[-1], len(labels))
    assert {
        "columns": (["a"], "luigi.toml:9"),
        "token": ("***", ".env:1"),
        "login": ({"name": "me", "password": "***"}, "luigi.toml:10"),
    } == _told(found, "Loader")
    assert {
        "data": ("Loader", "class default"),
        "seed": (5, "command line"),
        "rate": (0.9, "luigi.toml:13"),
    } == _told(found, "Trainer(rate=0.9)")
    assert (0.1, "class default, tasks.py:24") == _told(found, "Trainer(rate=0.1)")["rate"]
    assert ("Trainer(rate=0.9)", "class default") == _told(found, "Compared")["wide"]
    own = {each.name: (each.value, each.where) for each in found.own}
    assert ("Compared", "luigi.toml:3") == own["RunConfig.task"]
    assert ("project", "default") == own["RunConfig.experiment_name"]
    assert ("luigi.toml",) == found.files
    assert "hunter2" not in repr(found)
    assert not (made.root / ".daicho").exists()
    assert not (made.root / "mlflow.db").exists()


def test_without_a_target_all_tasks_are_shown(made: Project) -> None:
    """Where nothing says what is to run, each class and configuration is shown; what has no value yet is missing."""
    made.write("luigi.toml", "[Trainer.wide]\nrate = 0.9\n")
    made.write(".env", "")
    found = daicho.configuration(folder=made.root)
    assert ["All", "Broken", "Compared", "Loader", "Trainer", "Trainer.wide"] == [
        each.label for each in found.tasks
    ]
    assert {
        "columns": (None, "missing"),
        "token": (None, "missing"),
        "login": ({}, "class default"),
    } == _told(found, "Loader")
    assert {"rate": (0.9, "luigi.toml:2")} == _told(found, "Trainer.wide")
    assert ("Trainer.wide", "class default") == _told(found, "Compared")["wide"]


def test_a_configuration_is_a_target_like_a_task(made: Project) -> None:
    """`Trainer.wide` can be asked for by its name."""
    found = daicho.configuration("Trainer.wide", folder=made.root)
    assert (0.9, "luigi.toml:13") == _told(found, "Trainer")["rate"]
    with pytest.raises(ParameterError, match="`Trainer` has no configuration `wdie`"):
        daicho.configuration("Trainer.wdie", folder=made.root)


def test_what_is_wrong_is_said_instead(made: Project) -> None:
    """A configuration that cannot be is not shown, but what is wrong with it."""
    with pytest.raises(ConfigurationError, match="2 things are wrong"):
        daicho.configuration(folder=made.root, overrides=("Trainer.sede=1", "Trainer.rate=x"))


def test_the_command(made: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """As a document it is what its schema says; for people it holds no secret; `--schema` prints a JSON Schema."""
    place = ["-C", str(made.root)]
    assert 0 == main(["config", "--json", *place])
    document = json.loads(capsys.readouterr().out)
    check("config", document)
    assert 0 == main(["config", *place])
    shown = capsys.readouterr().out
    assert "hunter2" not in shown + json.dumps(document)
    assert "  rate  0.9     luigi.toml:13\n" in shown
    assert 0 == main(["config", "--schema", *place])
    schema = json.loads(capsys.readouterr().out)
    assert {"columns", "login"} == set(schema["properties"]["Loader"]["properties"])


@pytest.mark.slow
def test_a_launch_has_what_was_configured_and_keeps_no_secret(made: Project) -> None:
    """Workers get the same values, an edit changes nothing, `.env` is their environment; no file holds a secret.

    Not even what a task has printed of it, or raised.
    """
    made.write("experiments/one.toml", '[daicho]\nextends = "../luigi.toml"\n[Trainer]\nrate = 0.5\n')
    overrides = ("Loader.token=hunter2-line", "Broken.token=hunter2-too")
    done = made.run("run", "All", "-c", "experiments/one.toml", *overrides, "--json")
    assert 1 == done.returncode, done.stderr
    tasks = json.loads(done.stdout)["tasks"]
    score = next(output["path"] for task in tasks if task["task"] == "Compared" for output in task["outputs"])
    assert [[3, 0.5, 3], [3, 0.9, 3], [len("hunter2-line"), "seen"]] == json.loads(Path(score).read_text())
    assert "401 for ***********" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr
    written = [path for path in made.root.rglob("*") if path.is_file() and path.name != ".env"]
    assert any("# experiments/one.toml" in path.read_text() for path in written if path.name == "luigi.toml")
    assert [] == [str(path) for path in written if b"hunter2" in path.read_bytes()]
