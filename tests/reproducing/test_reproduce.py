"""A recorded run is made again, whatever the project is like now; nothing of the project is touched."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import daicho
from daicho.cli.views import reproduce as view
from daicho.digest import of_file
from daicho.errors import NotFoundError, ProjectError, SourceError, UntrustedError, UsageError
from daicho.ledger.throwaway import Throwaway
from daicho.plan.prepare import Context, open_project
from daicho.reproducing import reproduce
from daicho.reproducing.layout import gather
from daicho.reproducing.recorded import recorded
from daicho.verbs.log import log
from daicho.verbs.show import show
from tests.cli.schemas import check
from tests.reproducing.made import Made, make
from tests.support.git import repository
from tests.support.project import Project


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, session_folder: Path) -> Made:
    """The project with its run; one for all tests, which change no result."""
    return make(tmp_path_factory.mktemp("reproduce"), session_folder)


@pytest.fixture(autouse=True)
def there(made: Made, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Ana is at work, in a folder of the test's own."""
    monkeypatch.setenv("LOGNAME", "ana")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.chdir(tmp_path)


def context_of(made: Made) -> Context:
    """The project, opened."""
    return open_project(made.root)


def tree(root: Path) -> dict[str, str]:
    """What lies in a work tree, its index and HEAD included; not what is daicho's, nor the store."""
    ours = (".daicho", "mlruns", "mlflow.db", "__pycache__")
    return {
        path.relative_to(root).as_posix(): of_file(path)
        for path in sorted(root.rglob("*"))
        if path.is_file() and not any(part.startswith(ours) for part in path.relative_to(root).parts)
    }


def test_identical(made: Made, tmp_path: Path) -> None:
    """Code that was never committed, old configuration, a value of the command line, and data: all as recorded."""
    before, told = tree(made.root), list[str]()
    done = daicho.reproduce(f"{made.name}/Report", here=True, folder=made.root, tell=told.append)
    assert before == tree(made.root)
    assert ("identical", 0, True) == (done.verdict, done.exit_status, done.same)
    assert [("Preprocess", "identical"), ("Train", "identical"), ("Report", "identical")] == [
        (task.task, task.verdict) for task in done.tasks
    ]
    assert ((), ()) == (done.given, done.notes)
    check("reproduce", json.loads(json.dumps(done.to_json())))
    project = done.folder / "project"
    assert tmp_path == done.folder.parent
    assert b"sum(values) / len(values)" in (project / "helper.py").read_bytes()
    assert "22,male" in (project / "input" / "train.csv").read_text()
    assert not (project / "scratch.py").exists()
    assert (project / "mlflow.db").exists()
    assert ["laying out", "running Rep"] == [sentence[:11].strip() for sentence in told]
    shown = show(f"{made.name}/Report", folder=made.root)
    check("show", json.loads(json.dumps(shown.to_json())))
    (marked,) = shown.marks.checks
    assert marked.startswith("reproduced: identical, in an equal environment, ana on ")


def test_by_somebody_else_elsewhere(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the store alone, in another clone: shown first, and made again by whoever trusts it; causes are named."""
    clone = tmp_path / "clone"
    clone.mkdir()
    (clone / "luigi.toml").write_bytes((made.root / "luigi.toml").read_bytes())
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{made.root / 'mlflow.db'}")
    monkeypatch.setenv("LOGNAME", "ben")
    with pytest.raises(UntrustedError, match=f"{made.name} was made by ana, not by ben") as caught:
        reproduce(made.name, folder=clone)
    files, packages, *_, way = caught.value.hints
    assert "it runs 2 files of ana: helper.py, tasks.py" == files
    assert packages.startswith("it installs ")
    assert " from " in packages
    assert "if you trust it: `--trust`" == way
    monkeypatch.setenv("NOISE", "1e-9")
    monkeypatch.setenv("DAICHO_Train__seed", "7")
    into = tmp_path / "again"
    done = reproduce(made.name, folder=clone, into=into, here=True, trust=True, tolerance=1e-6)
    assert {"Preprocess": "identical", "Train": "close", "Report": "identical", "Chance": "different"} == {
        task.task: task.verdict for task in done.tasks if task.task != "Everything"
    }
    assert ("different", 1, into) == (done.verdict, done.exit_status, done.folder)
    chance = next(task for task in done.tasks if task.task == "Chance")
    assert {"drawn": "different", "rows": "identical"} == {each.role: each.verdict for each in chance.outputs}
    assert "drawn: 0." in chance.outputs[0].difference.first
    assert "nothing that it was made from differs, so it is not deterministic" in str(chance.cause)
    shown = "\n".join(line.plain for line in view.lines(done, width=None, here=tmp_path))
    assert f"Not reproduced Everything {made.name}: 1 of 5 outputs differ" in shown
    (entry,) = log(folder=clone).entries
    (marked,) = entry.marks.checks
    assert marked.startswith("reproduced: different (Chance.drawn), in an equal environment, ben on ")
    assert {"luigi.toml"} == {path.name for path in clone.iterdir() if path.name != ".daicho"}


def test_what_cannot_be_made_again(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unknown runs, wrong numbers, folders with something in them, no uv: an error each, and nothing is left behind."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file.txt").write_text("mine")
    before, here = tree(made.root), tree(tmp_path)
    for error, match, arguments in (
        (NotFoundError, "nothing is recorded under `nothing-1`", {"what": "nothing-1"}),
        (UsageError, "the tolerance is -1.0", {"what": made.name, "tolerance": -1.0}),
        (UsageError, "the tolerance is nan", {"what": made.name, "tolerance": float("nan")}),
        (ProjectError, "is not empty", {"what": made.name, "into": tmp_path / "full"}),
        (ProjectError, "is a file", {"what": made.name, "into": tmp_path / "full" / "file.txt"}),
    ):
        with pytest.raises(error, match=match):
            reproduce(**arguments, here=True, folder=made.root)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(ProjectError, match="made by `uv`, which is not installed") as caught:
        reproduce(made.name, folder=made.root, into=tmp_path / "new")
    assert "pip install uv" in caught.value.hints
    assert (before, here) == (tree(made.root), tree(tmp_path))
    assert ["full"] == [path.name for path in tmp_path.iterdir()]


def test_missing_sources_are_all_named(made: Made) -> None:
    """What was not kept and is not in its place any more is named, all of it at once, before anything is written."""
    context = context_of(made)
    run = recorded(context.ledger, made.name, Path.cwd())
    first, *rest = run.records
    source = first.sources[0]
    lost = [replace(source, place=f"input/{name}", digest=name * 64) for name in ("a", "b")]
    known = replace(run, records=(replace(first, sources=(source, *lost)), *rest))
    with pytest.raises(SourceError, match="2 sources that the run read can't be had") as caught:
        gather(context, known, reuse_upstream=False)
    assert "`input/a` (sha256 aaaaaaaaaaaa, Preprocess), `input/b`" in caught.value.message
    alone = replace(known, targets=("Train", "Report", "Chance"))
    assert () == gather(context, alone, reuse_upstream=True).sources


@pytest.fixture
def without_code(made: Made) -> Iterator[None]:
    """The archive of the source files is away for the length of a test."""
    (archive,) = made.root.glob("mlruns/**/daicho/snapshot.zip")
    aside = archive.with_name("aside.zip")
    os.rename(archive, aside)
    yield
    os.rename(aside, archive)


@pytest.mark.usefixtures("without_code")
def test_lost_code(made: Made) -> None:
    """Where the source files are gone from the store, the commit is named, and that it had local changes."""
    with pytest.raises(NotFoundError, match="source files of .* are no longer in the store") as caught:
        reproduce(made.name, here=True, folder=made.root)
    (hint,) = caught.value.hints
    assert hint.startswith("it was made at commit ")
    assert "with local changes that are lost: git worktree add" in hint


def test_not_a_run_of_ours(made: Made, tmp_path: Path) -> None:
    """A run that something else has logged is no run that could be made again."""
    stray = Throwaway(tmp_path / "elsewhere")
    with stray.serving() as ask:
        run_id = ask().run_id
    uri = f"sqlite:///{tmp_path / 'elsewhere' / 'mlflow.db'}"
    done = made.project.run(
        "reproduce", run_id, "--here", "--json", env={**made.env, "MLFLOW_TRACKING_URI": uri}
    )
    assert 2 == done.returncode, done.stderr
    assert "is none of daicho's" in json.loads(done.stdout)["message"]


ODD = """
    import mine
    from daicho import Secret, Source, Task, output, source

    class Load(Task):
        uses = ("flow/query.sql",)
        token: Secret
        raw: Source = source("../data/raw.txt")
        jobs: int = 1
        numbers = output("numbers.pkl", format="pickle")

        def run(self):
            assert self.token.reveal() == "hidden"
            self.numbers.save([int(line) for line in self.raw.path.read_text().split()] + [mine.NUMBER])

    class Train(Task):
        data: Load
        depth: int = 1
        out = output("out.json")

        def run(self):
            self.out.save(sum(self.data.numbers.load()) * self.depth)

    class Both(Task):
        one: Train
        other: Train = Train.configured(depth=5)
        out = output("both.json")

        def run(self):
            self.out.save([self.one.out.load(), self.other.out.load()])
"""


@pytest.mark.slow
def test_what_is_not_in_the_snapshot(project: Callable[..., Project], tmp_path: Path) -> None:
    """Secrets, a module that git ignores, files that code uses, a source outside, two of a family, `pyproject.toml`."""
    made = project(
        files={
            "flow/work.py": ODD,
            "flow/__init__.py": "",
            "flow/query.sql": "select 1",
            "mine.py": "NUMBER = 7\n",
            ".env": "DAICHO_Load__token=hidden\n",
            ".gitignore": "mine.py\n.env\n.daicho\nmlflow.db\nmlruns\n",
            "../data/raw.txt": "1\n2\n",
            "pyproject.toml": '[tool.daicho]\ntasks = ["flow"]\n[tool.daicho.RunConfig]\ntask = "Both"\n'
            "[tool.daicho.Train]\ndepth = 2\n",
        }
    )
    for name in ("tasks.py", "luigi.toml"):
        (made.root / name).unlink()
    repository(made.root).commit()
    env = {"LOGNAME": "ana"}
    ran = made.run("run", "--json", env=env)
    assert 0 == ran.returncode, ran.stderr
    name = json.loads(ran.stdout)["name"].rpartition(" ")[2]
    made.write("../data/raw.txt", "3\n")
    done = made.run("reproduce", name, "--here", "--json", env={**env, "TMPDIR": str(tmp_path)})
    assert 0 == done.returncode, done.stdout + done.stderr
    document = json.loads(done.stdout)
    assert ["identical"] * 4 == [task["verdict"] for task in document["tasks"]]
    assert [] == document["notes"]
    assert "hidden" not in (Path(document["folder"]) / "project" / "luigi.toml").read_text()
    made.write("mine.py", "NUMBER = 8\n")
    other = made.run("reproduce", name, "--here", env={**env, "TMPDIR": str(tmp_path)})
    assert 1 == other.returncode, other.stderr
    assert "`mine.py`, which git ignores, is not stored: as it is now it is taken" in other.stdout
    assert "likely: made from other things than recorded: code: NUMBER changed" in other.stdout
    (made.root / "flow" / "query.sql").unlink()
    gone = made.run("reproduce", name, "--here", env=env)
    assert 2 == gone.returncode
    assert "1 source that the run read can't be had: `flow/query.sql`" in gone.stderr


@pytest.mark.slow
@pytest.mark.server
def test_over_http(
    tmp_path_factory: pytest.TempPathFactory, session_folder: Path, request: pytest.FixtureRequest
) -> None:
    """On a server as well, from the command line: one task alone, on the recorded results of the others."""
    uri = request.getfixturevalue("mlflow_server").uri
    there = make(tmp_path_factory.mktemp("http"), session_folder, uri)
    done = there.project.run(
        "reproduce", f"{there.name}/Report", "--here", "--reuse-upstream", "--json", env=there.env
    )
    assert 0 == done.returncode, done.stderr
    document = json.loads(done.stdout)
    check("reproduce", document)
    assert (["Report"], ["Preprocess", "Train"], "identical") == (
        [task["task"] for task in document["tasks"]],
        document["given"],
        document["verdict"],
    )
    shown = there.project.run("show", f"{there.name}/Report", env=there.env)
    assert "reproduced: identical" in shown.stdout
