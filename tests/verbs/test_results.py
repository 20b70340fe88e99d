"""What people do with results: log, show, diff, compare, tag, note, load, get, export; on SQLite and over HTTP."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from daicho.digest import of_file
from daicho.errors import NotFoundError, ProjectError, UsageError
from daicho.html import comparison_page
from daicho.ledger.sources import bring, kept
from daicho.plan.prepare import open_project
from daicho.verbs.compare import compare
from daicho.verbs.diff import diff
from daicho.verbs.export import export
from daicho.verbs.get import get
from daicho.verbs.load import load
from daicho.verbs.log import log
from daicho.verbs.note import note
from daicho.verbs.show import show
from daicho.verbs.tag import tag
from tests.cli.schemas import check
from tests.verbs.results import Made, make


@pytest.fixture(
    scope="module",
    params=["sqlite", pytest.param("server", marks=[pytest.mark.server, pytest.mark.slow])],
)
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, session_folder: Path
) -> Made:
    """The project with its two runs, on each kind of store; one for all tests, which change no result."""
    uri = request.getfixturevalue("mlflow_server").uri if request.param == "server" else None
    return make(tmp_path_factory.mktemp("results"), session_folder, uri)


@pytest.fixture(autouse=True)
def there(made: Made, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The store is named by the environment, and the current folder is the test's own."""
    for name, value in made.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)


def test_the_log(made: Made) -> None:
    """Runs come newest first, with what happened, and with what differs among them alone."""
    found = log(folder=made.root)
    check("log", json.loads(json.dumps(found.to_json())))
    assert [made.new["name"], made.old["name"]] == [each.launch.name for each in found.entries]
    assert ("Train.factor",) == found.parameters
    assert ("Train.accuracy", "Train.loss") == found.metrics
    new, old = found.entries
    assert {"ran": {"my.ns.Prepare": 1, "Train": 1, "Report": 1}} == new.outcomes
    assert (True, "Report", old.commit) == (old.dirty, old.target, new.commit)
    assert new.ended >= new.launch.started > old.launch.started


def test_the_log_is_sifted(made: Made) -> None:
    """By condition, target, task, person, time and number; sorted by a metric, the best way round for its name."""
    old, new = made.old["name"], made.new["name"]

    def names(*args: str, **options: object) -> list[str]:
        return [each.launch.name for each in log(*args, folder=made.root, **options).entries]  # type: ignore[arg-type]

    assert [new] == names(where="Train.accuracy > 0.1 and Train.factor = 3")
    assert [old] == names(where="accuracy < 0.1")
    assert [old] == names(where="Train.factor != 3")
    assert [new, old] == names("Report", task="Train", since="1h")
    assert [] == names("Train")
    assert [] == names(who="nobody")
    assert [] == names(since="2999-01-01")
    assert [new] == names(limit=1)
    assert [new] == names(best="Train.accuracy")
    assert [new] == names(best="Train.loss")  # which is lower
    assert [old, new] == names(sort="Train.accuracy", lowest=True)
    assert ("Train.accuracy",) == log(best="Train.accuracy", folder=made.root).metrics
    with pytest.raises(NotFoundError, match="no run has one parameter or metric `Train.acuracy`") as caught:
        names(sort="Train.acuracy")
    assert "did you mean `Train.accuracy`?" in caught.value.hints


def test_show_by_every_name(made: Made, tmp_path: Path) -> None:
    """A result is found by run and task, by its run's id, by the file that it wrote, by digest and by key."""
    train = made.run_of("Train")
    by_run = show(f"{made.name()}/Train", folder=made.root)
    check("show", json.loads(json.dumps(by_run.to_json())))
    assert by_run.record is not None
    assert (train, "training\n", {"accuracy": 0.06, "loss": 0.94}) == (
        by_run.record.run_id,
        by_run.log,
        by_run.metrics[train],
    )
    assert [made.run_of("my.ns.Prepare")] == [each.run_id for each in by_run.upstream]
    assert 64 == len(by_run.code or "")
    model = by_run.record.output("model")
    assert model is not None
    copy = get("Train.model", run=made.name(), to=tmp_path / "copy.json", folder=made.root).path
    for what in (train, train[:10], str(copy), model.digest, model.digest[:16], by_run.record.key or ""):
        found = show(what, folder=made.root)
        assert found.record is not None
        assert (train, "Train") == (found.record.run_id, found.record.task), what
    assert "model" == show(str(copy), folder=made.root).output
    newest = show("Train", folder=made.root).record
    assert newest is not None
    assert made.run_of("Train", "new") == newest.run_id


def test_show_a_whole_run(made: Made) -> None:
    """A pipeline run is shown with its tasks and with what its page says."""
    found = show(made.name(), folder=made.root)
    check("show", json.loads(json.dumps(found.to_json())))
    assert found.entry is not None
    assert ({"my.ns.Prepare", "Train", "Report"}, "Report") == (
        {each.task for each in found.tasks},
        found.entry.target,
    )


def test_what_is_not_there_is_named(made: Made, tmp_path: Path) -> None:
    """An unknown run, task, id and file, and a file that is a source: each error says what it is."""
    (tmp_path / "strange.txt").write_text("strange")
    for what, message in (
        ("nothing-1", "nothing is recorded under `nothing-1`"),
        (f"{made.name()}/Trai", f"no task `Trai` was in `{made.old['name']}`"),
        ("0" * 12, f"there is no run `{'0' * 12}` in"),
        ("strange.txt", r"no run wrote what is in `strange.txt`"),
        (str(made.root / "input/raw.txt"), "no run wrote what is in"),
    ):
        with pytest.raises(NotFoundError, match=message) as caught:
            show(what, folder=made.root)
        assert caught.value.hints, what
    assert "it is a source, read by `my.ns.Prepare`" in caught.value.hints[0]


def test_a_run_of_something_else(made: Made) -> None:
    """A run that daicho did not make is named as such, and so is one of another project."""
    from mlflow import MlflowClient

    client = MlflowClient(open_project(made.root).store.uri)
    other = client.create_run(client.get_run(made.run_of("Train")).info.experiment_id).info.run_id
    with pytest.raises(NotFoundError, match="is none of daicho's"):
        tag(other, {"a": "b"}, folder=made.root)
    assert "a" not in client.get_run(other).data.tags
    config = made.project.write(
        "other.toml", '[daicho]\nproject = "boats"\n[RunConfig]\nexperiment_name = "b"\n'
    )
    with pytest.raises(NotFoundError, match="belongs to the project `results "):
        show(made.run_of("Train"), folder=made.root, config=config)


def test_each_cause_and_each_effect(made: Made) -> None:
    """The difference of two runs names each cause and nothing else, and what came of it."""
    found = diff(made.name(), made.name("new"), folder=made.root)
    document = json.loads(json.dumps(found.to_json()))
    check("compare", document)
    assert [("Train.factor", (2, 3))] == [(each.name, each.values) for each in found.configuration]
    [code] = found.code
    assert ("helper:total", "changed", "helper.py", ("Train",)) == (
        code.symbol,
        code.change,
        code.file,
        code.tasks,
    )
    assert {"-    return sum(numbers) * factor", "+    return sum(numbers) * factor + 1"} <= set(
        code.diff.split("\n")
    )
    [data] = found.data
    assert ("my.ns.Prepare", "raw", "input/raw.txt") == (data.task, data.role, data.name)
    assert [("different", "+1 -1 lines")] == [(each.verdict, each.text) for each in data.differences if each]
    assert ((), ()) == (found.dependencies, found.environment)
    assert [("Train.accuracy", 0.07, "higher"), ("Train.loss", -0.07, "lower")] == [
        (each.fact.name, round(each.changes[0] or 0, 9), each.better) for each in found.metrics
    ]
    outputs = {f"{each.task}.{each.role}": each.differences[0] for each in found.outputs}
    assert {
        "my.ns.Prepare.numbers": "[1]: 2 -> 3",
        "Train.model": "2 places differ",
        "Train.text": "+1 -1 lines",
        "Train.opaque": "differs; loading it would run code that it holds, so only its bytes were compared",
        "Report.out": "2 places differ",
    } == {name: each.text for name, each in outputs.items() if each is not None}
    assert ("[1]", 1.0) == (outputs["my.ns.Prepare.numbers"].where, outputs["my.ns.Prepare.numbers"].largest)  # type: ignore[union-attr]
    assert (1, 3) == (found.equal.parameters, found.equal.sources)
    assert found.equal.outputs == 1  # the folder
    page = comparison_page(document)
    assert "sum(numbers) * factor + 1" in page


def test_equal_runs_differ_in_nothing(made: Made) -> None:
    """A run compared with itself is equal, in one line of numbers."""
    found = compare(made.name(), made.name(), f"{made.name()}/Report", folder=made.root)
    assert (True, 3) == (found.same, len(found.sides))
    assert found.equal.outputs == 6
    with pytest.raises(UsageError, match="is compared with nothing"):
        compare(made.name(), folder=made.root)


def test_since_then(made: Made) -> None:
    """One run alone is compared with the work tree: only what is different now, and nothing has run."""
    found = diff(made.name("new"), folder=made.root)
    assert [("Train.factor", (3, 2))] == [(each.name, each.values) for each in found.configuration]
    assert ((), (), ()) == (found.code, found.data, found.dependencies)
    assert diff(made.name("new"), folder=made.root, overrides=["Train.factor=3"]).same
    earlier = diff(f"{made.name()}/Train", folder=made.root)
    assert ["helper:total"] == [each.symbol for each in earlier.code]
    assert ["input/raw.txt"] == [each.name for each in earlier.data]
    assert () == earlier.configuration


def test_tags_notes_and_pins(made: Made) -> None:
    """They are set, found, shown in MLflow, and taken away again; what was there stays."""
    from mlflow import MlflowClient

    client = MlflowClient(open_project(made.root).store.uri)
    done = tag(made.name(), {"paper": "yes", "stage": "draft"}, pin=True, folder=made.root)
    check("tag", json.loads(json.dumps(done.to_json())))
    assert ({"paper": "yes", "stage": "draft"}, True) == (done.tags, bool(done.pinned))
    tags = client.get_run(made.old["run_id"]).data.tags
    assert ("yes", done.pinned) == (tags["paper"], tags["daicho.pin"])
    assert [made.old["name"]] == [
        each.launch.name for each in log(tags=["paper=yes"], folder=made.root).entries
    ]
    left = tag(made.name(), {"stage": None, "never": None}, pin=False, folder=made.root)
    assert ({"paper": "yes"}, "") == (left.tags, left.pinned)

    described = tags["mlflow.note.content"]
    note(made.name(), "the first\nnote", folder=made.root)
    noted = note(made.name(), "a *second*", folder=made.root)
    check("note", json.loads(json.dumps(noted.to_json())))
    assert ["a *second* (", "the first note ("] == [each.partition("(")[0] + "(" for each in noted.notes]
    page = client.get_run(made.old["run_id"]).data.tags["mlflow.note.content"]
    assert page.startswith("a \\*second\\* (")
    assert page.endswith(described.rstrip())
    assert noted.notes == show(made.name(), folder=made.root).marks.notes
    for wrong in ("daicho.key", "mlflow.user", "", "a\nb"):
        with pytest.raises(UsageError):
            tag(made.name(), {wrong: "1"}, folder=made.root)
    with pytest.raises(UsageError, match="the note is empty"):
        note(made.name(), " \n", folder=made.root)


def test_old_results_are_objects(made: Made) -> None:
    """By run, tag and metric, without the code that made them; verified, and never by running code."""
    old = load("Train", run=made.name(), folder=made.root)
    assert ({"total": 6, "weights": [1.5, 6]}, 2) == (old.model.load(), old.factor)
    assert ([1, 2], made.run_of("my.ns.Prepare")) == (old.data.numbers.load(), old.data.record.run_id)
    assert ({"accuracy": 0.06, "loss": 0.94}, "training") == (old.logged, "training")
    with old.text.open() as file:
        assert "first\ntotal 6\n" == file.read()
    assert 3 == load("Train", best="accuracy", folder=made.root).factor
    assert 2 == load("Train", best="loss", lowest=False, folder=made.root).factor
    tag(f"{made.name()}/Train", {"mine": "yes"}, folder=made.root)
    assert 2 == load("Train", tag="mine=yes", folder=made.root).factor
    with pytest.raises(AttributeError, match="has no `modell` .did you mean `model`"):
        old.modell  # noqa: B018
    with pytest.raises(NotFoundError, match="no result of `Train` has a metric `acuracy`"):
        load("Train", best="acuracy", folder=made.root)
    with pytest.raises(NotFoundError, match="there is no result of `Train` with the tag `mine=no`"):
        load("Train", tag="mine=no", folder=made.root)


CLASS = """
import sys
import daicho
from tasks import Train
old = daicho.load(Train, run=sys.argv[1])
print(isinstance(old, Train), old.factor, old.model.load()["total"], old.data.numbers.load(), old.data.raw)
try:
    old.model.save({})
except daicho.DaichoError as error:
    print(error.message)
"""


def test_an_old_result_of_a_class(made: Made) -> None:
    """Asked for by its class an old result is an instance of it, with the values and outputs of then."""
    done = made.project.python("-c", CLASS, made.name(), env=made.env)
    assert [
        "True 2 6 [1, 2] input/raw.txt",
        "`Train.model` is recorded: it cannot be written to",
    ] == done.stdout.splitlines(), done.stderr


def test_get_whole_or_not_at_all(made: Made, tmp_path: Path) -> None:
    """Outputs of any run are copied; a folder that holds something else is left as it is."""
    got = get(f"{made.name()}/Train.model", folder=made.root)
    assert ({"total": 6, "weights": [1.5, 6]}, 6) == (json.loads(got.path.read_text()), 6)
    folder = get("my.ns.Prepare.folder", run=made.name(), folder=made.root).path
    assert "a" == (folder / "a.txt").read_text()
    assert folder == get("my.ns.Prepare.folder", run=made.name(), folder=made.root).path
    (folder / "mine.txt").write_text("mine")
    with pytest.raises(ProjectError, match="is there, and holds something else"):
        get("my.ns.Prepare.folder", run=made.name(), folder=made.root)
    assert {"a.txt", "mine.txt"} == {path.name for path in folder.iterdir()}
    assert {"parts", "model.json"} == {path.name for path in tmp_path.iterdir()}
    with pytest.raises(UsageError, match="leave out Train.factor=1"):
        get("Train.model", run=made.name(), overrides=["Train.factor=1"], folder=made.root)
    with pytest.raises(NotFoundError, match="`Train` has no output `modell`"):
        get("Train.modell", run=made.name(), folder=made.root)


def test_sources_are_kept_once(made: Made, tmp_path: Path) -> None:
    """Small ones, and those that say so, by content; folders with names that no server keeps; a large one is not."""
    ledger = open_project(made.root).ledger
    record = show(f"{made.name()}/my.ns.Prepare", folder=made.root).record
    assert record is not None
    by_role = {source.role: source.digest for source in record.sources}
    found = kept(ledger, by_role.values())
    assert {by_role[role] for role in ("raw", "words", "big")} == set(found)
    bring(ledger, found[by_role["raw"]], tmp_path / "raw.txt")
    assert "1\n2\n" == (tmp_path / "raw.txt").read_text()
    bring(ledger, found[by_role["words"]], tmp_path / "deep/words")
    assert "zwei" == (tmp_path / "deep/words/deep/zwei#.txt").read_text()
    assert made.new["run_id"] != found[by_role["big"]].holder.run_id  # the second run kept only what is new
    assert 1 == (made.root / "input/big.txt").stat().st_nlink
    (made.root / "input/big.txt").write_text("x" * 50)  # still its owner's to change


def test_export_needs_no_daicho(made: Made, tmp_path: Path) -> None:
    """A result with its provenance as plain files that check themselves; whole, or not at all."""
    done = export(f"{made.name()}/Report", "out", folder=made.root)
    check("export", json.loads(json.dumps(done.to_json())))
    out = tmp_path / "out"
    assert (("Report",), 2, ("input/lost.txt",)) == (done.tasks, done.upstream, done.missing)
    assert {"told": {"total": 6, "weights": [1.5, 6]}} == json.loads(
        (out / "results/Report/outputs/report.json").read_text()
    )
    assert '"All of it."' in (out / "code/helper.py").read_text()
    assert '+    "All of it."' in (out / "changes.diff").read_text()
    assert "1\n2\n" == (out / "sources/input/raw.txt").read_text()
    assert {"my.ns.Prepare", "Train"} == {
        path.name.rpartition("-")[0] for path in (out / "upstream").iterdir()
    }
    listed = [line.split("  ", 1) for line in (out / "SHA256SUMS").read_text().splitlines()]
    assert {name: digest for digest, name in listed} == {
        path.relative_to(out).as_posix(): of_file(path)
        for path in out.rglob("*")
        if path.is_file() and path.name != "SHA256SUMS"
    }
    assert "Report of" in (out / "README.txt").read_text()
    with pytest.raises(ProjectError, match="is not empty"):
        export(made.name(), "out", folder=made.root)
    whole = export(made.name(), "whole", folder=made.root)
    assert ({"my.ns.Prepare", "Train", "Report"}, 0) == (set(whole.tasks), whole.upstream)
    assert {"out", "whole"} == {path.name for path in tmp_path.iterdir()}


def test_damage_is_not_exported(made: Made, tmp_path: Path) -> None:
    """Where a stored output is not what was recorded, nothing is written, and a comparison says so."""
    shown = show(f"{made.name()}/Train", folder=made.root)
    if "text" not in shown.paths:
        assert made.env  # a server's files are not here to be damaged
        return
    path = Path(shown.paths["text"])
    content = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(b"other")
    try:
        with pytest.raises(OSError, match=r"report.txt"):
            export(made.name(), "out", folder=made.root)
        assert [] == list(tmp_path.iterdir())
        found = diff(made.name(), made.name("new"), folder=made.root)
        [text] = [each for each in found.outputs if each.role == "text"]
        assert text.differences[0] is not None
        assert "its content cannot be had" in text.differences[0].text
    finally:
        path.write_bytes(content)


def test_the_commands(made: Made, tmp_path: Path) -> None:
    """From the shell: lines for people, one document with --json, a page with --html, and status 2 for a slip."""
    page = tmp_path / "page.html"
    done = made.project.run(
        "diff", made.name(), made.name("new"), "--html", str(page), "--check", env=made.env
    )
    assert 1 == done.returncode, done.stderr
    assert ["configuration", "code", "data", "metrics", "outputs"] == [
        line for line in done.stdout.splitlines() if line.isalpha()
    ]
    assert "<!doctype html>" in page.read_text()
    listed = made.project.run("log", "--where", "Train.accuracy >", env=made.env)
    assert (2, True) == (listed.returncode, "at character 17: a value is missing" in listed.stderr)
    shown = made.project.run("compare", made.name(), made.name("new"), "--json", env=made.env)
    check("compare", json.loads(shown.stdout))


def test_a_commit_that_is_gone_is_no_loss(made: Made) -> None:
    """What is shown of old code comes from the store: no commit has to be there."""
    git = made.root / ".git"
    hidden = git.rename(made.root / ".git-away")
    try:
        found = diff(made.name(), made.name("new"), folder=made.root)
        assert "+    return sum(numbers) * factor + 1" in found.code[0].diff
    finally:
        hidden.rename(git)
        subprocess.run(["git", "status"], cwd=made.root, check=True, capture_output=True)
