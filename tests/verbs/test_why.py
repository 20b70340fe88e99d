"""Why a task runs or not, asked as a person asks, of one project that was run once and is then edited."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.schemas import check
from tests.support.git import Repository, repository
from tests.support.project import Project

HELPERS = '''\
"""Helpers."""

FACTOR = 2


def scale(values, factor):
    """Scale."""
    return [value * factor * FACTOR for value in values]


def unused():
    return 1
'''

TASKS = """\
import helpers

from daicho import Source, Task, output, source


class Numbers(Task):
    # how many
    count: int = 3
    label: str = "a"
    raw: Source = source("input/raw.csv")
    numbers = output("numbers.json")

    def run(self):
        self.raw.path.read_text()
        self.numbers.save(list(range(self.count)))


class Trainer(Task):
    data: Numbers
    alpha: float = 0.5
    seed: int = 0
    model = output("model.json")

    def run(self):
        print(self.data.label)
        self.model.save(helpers.scale(self.data.numbers.load(), self.alpha))


class Fold(Task):
    trainer: Trainer
    number: int = 0
    fold = output("fold.json")

    def run(self):
        self.fold.save(self.trainer.model.load())


class Prediction(Task):
    other: Source = source("input/other.csv")
    result = output("result.json")

    def requires(self):
        return [Fold(number=0), Fold(number=1)]

    def run(self):
        self.result.save(1)
"""

FILES = {
    "helpers.py": HELPERS,
    "tasks.py": TASKS,
    "luigi.toml": '[RunConfig]\ntask = "Prediction"\n\n[Trainer]\nalpha = 0.1\n',
    "input/raw.csv": "a\n1\n2\n",
    "input/other.csv": "b\n1\n",
    ".gitignore": "mlruns\nmlflow.db\n__pycache__\n.daicho\n",
}

OTHERS = """
import daicho
from tasks import Numbers
assert daicho.run([Numbers(count=4), Numbers(label="b")]).status == "done"
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, session_folder: Path) -> tuple[Project, Repository]:
    """A project under git whose target was run, and with it two more `Numbers`."""
    folder = tmp_path_factory.mktemp("why")
    project = Project(root=folder / "shop", home=folder / "home", shared=session_folder)
    for name, text in FILES.items():
        project.write(name, text.encode())
    under_git = repository(project.root)
    under_git.commit("start")
    done = project.run("run")
    assert 0 == done.returncode, done.stderr
    done = project.python("-c", OTHERS)
    assert 0 == done.returncode, done.stderr
    return project, under_git


@pytest.fixture
def shop(made: tuple[Project, Repository]) -> Iterator[Project]:
    """The project; what a test edits or commits is taken back."""
    project, under_git = made
    start = under_git.run("rev-list", "--max-parents=0", "HEAD")
    yield project
    under_git.run("reset", "--quiet", "--hard", start)
    under_git.run("clean", "--quiet", "-fd")


def edit(project: Project, name: str, old: str, new: str) -> None:
    """Replace the one place where a text stands."""
    text = (project.root / name).read_text()
    assert 1 == text.count(old)
    (project.root / name).write_text(text.replace(old, new))


def why(project: Project, *arguments: str, status: int = 0) -> Any:
    """The document that `daicho why --json` prints, which is as its schema says."""
    done = project.run("why", *arguments, "--json")
    assert status == done.returncode, done.stderr
    document = json.loads(done.stdout)
    check("why", document)
    return document


def only(document: Any) -> Any:
    """The one cause."""
    [cause] = document["causes"]
    return cause


def test_a_hit_says_whose_result_it_is(shop: Project) -> None:
    """For a result that is reused: the run, who made it, at which commit, and all that its key is made of."""
    told = why(shop, "Trainer", "--check")
    assert ("reuse", []) == (told["decision"], told["causes"])
    earlier = told["earlier"]
    assert earlier["pipeline"].startswith("Prediction ")
    assert Repository(shop.root).run("rev-parse", "HEAD") == earlier["commit"]
    assert not earlier["dirty"]
    assert earlier["user"]
    assert 0 < earlier["started"] <= earlier["ended"]
    equal = told["equal"]
    assert (["alpha", "seed"], [], ["data.numbers"]) == (
        equal["parameters"],
        equal["sources"],
        equal["inputs"],
    )
    assert {"helpers:FACTOR", "helpers:scale", "tasks:Trainer"} <= set(equal["code"])
    assert {"run": 0, "undecided": 0, "seconds": 0, "unknown": 0, "fetch": 0} == told["price"]


def test_a_parameter_from_the_file(shop: Project) -> None:
    """Old and new value, the line that says so, what is equal, what follows, and what it costs."""
    edit(shop, "luigi.toml", "0.1", "0.3")
    told = why(shop, "Trainer", "--check", status=1)
    cause = only(told)
    assert "run" == told["decision"]
    assert ("parameter", "alpha: 0.1 -> 0.3", "alpha") == (cause["kind"], cause["text"], cause["name"])
    assert (0.1, 0.3, "luigi.toml:5") == (cause["old"], cause["new"], cause["where"])
    assert told["reasons"] == [{key: cause[key] for key in ("kind", "text", "name")}]
    assert ["seed"] == told["equal"]["parameters"]
    assert ["Fold(number=0)", "Fold(number=1)", "Prediction"] == told["follow"]
    assert (1, 0, 0) == tuple(told["price"][key] for key in ("run", "undecided", "unknown"))
    assert ["the earlier result is taken again with `Trainer.alpha=0.1`"] == told["hints"]


def test_a_parameter_from_elsewhere(shop: Project) -> None:
    """The command line, the class (with the line), and the task that depends on it are told as such."""
    assert "command line" == only(why(shop, "Trainer", "Trainer.seed=2"))["where"]
    edit(shop, "tasks.py", "seed: int = 0", "seed: int = 1")
    edit(shop, "tasks.py", "Fold(number=1)", "Fold(number=2)")
    causes = why(shop, "Trainer")["causes"]
    assert "class default, tasks.py:21" == next(
        each["where"] for each in causes if each["kind"] == "parameter"
    )
    causes = why(shop, "Fold(number=2)")["causes"]
    assert (2, "given by Prediction") == (causes[0]["new"], causes[0]["where"])


def test_one_of_several_is_told_by_its_label(shop: Project) -> None:
    """Of several tasks of a family the one is meant whose label is given."""
    told = why(shop, "Fold(number=1)")
    assert ("Fold(number=1)", "Fold", 2) == (told["label"], told["task"], told["siblings"])


def test_committed_code(shop: Project) -> None:
    """A definition that changed: where, who did it in which commit, and the difference of what counts."""
    edit(shop, "helpers.py", "value * factor", "factor * value")
    edit(shop, "helpers.py", '"""Scale."""', '"""Scale it."""')
    commit = Repository(shop.root).commit("Order of factors")
    edit(shop, "helpers.py", "FACTOR = 2", "FACTOR = 2  # two")
    told = why(shop, "Trainer")
    cause = only(told)
    assert ("code", "helpers:scale", "helpers.py", 6) == tuple(
        cause[key] for key in ("kind", "symbol", "file", "line")
    )
    change = cause["change"]
    assert [8] == change["lines"]
    assert (commit, "Ada", "Order of factors") == tuple(
        change["commit"][key] for key in ("commit", "author", "subject")
    )
    lines = change["diff"].split("\n")
    assert "-    return [value * factor * FACTOR for value in values]" in lines
    assert "+    return [factor * value * FACTOR for value in values]" in lines
    assert "Scale" not in change["diff"]
    assert [
        f"the earlier result is taken again with `git revert {commit[:7]}`",
        'if that can never change a result, as a logger cannot: `ignores = ("helpers:scale",)` in `Trainer`',
    ] == told["hints"]
    assert {("comment", 3), ("docstring", 7)} == {(each["what"], each["line"]) for each in told["neutral"]}


def test_code_that_is_not_committed(shop: Project) -> None:
    """A method that changed in the work tree is named, and so is that nobody has committed it."""
    edit(shop, "tasks.py", "range(self.count)))", "range(self.count))[::-1])")
    change = only(why(shop, "Numbers"))["change"]
    assert (["Numbers.run"], [15], None) == (change["parts"], change["lines"], change["commit"]["commit"])


def test_code_that_was_taken_out(shop: Project) -> None:
    """A line that is gone has no author; the file's newest commit has."""
    edit(shop, "tasks.py", "        self.raw.path.read_text()\n", "")
    assert None is only(why(shop, "Numbers"))["change"]["commit"]["commit"]
    commit = Repository(shop.root).commit("Without reading")
    change = only(why(shop, "Numbers"))["change"]
    assert (commit, [], ["Numbers.run"]) == (change["commit"]["commit"], change["lines"], change["parts"])


def test_code_that_is_new_and_code_that_is_gone(shop: Project) -> None:
    """A helper that took the place of another: both are told, each with its text."""
    edit(shop, "helpers.py", "def scale(", "def stretch(")
    edit(shop, "tasks.py", "helpers.scale", "helpers.stretch")
    causes = {each["symbol"]: each for each in why(shop, "Trainer")["causes"]}
    assert {"helpers:scale", "helpers:stretch", "tasks:Trainer"} == set(causes)
    assert "-def scale(values, factor):" in causes["helpers:scale"]["change"]["diff"]
    assert "+def stretch(values, factor):" in causes["helpers:stretch"]["change"]["diff"]


def test_a_source_of_a_task_below(shop: Project) -> None:
    """What waits for a task that must run is explained by why that one must: the source, its bytes, its rows."""
    shop.write("input/raw.csv", b"a\n1\n2\n3\n")
    told = why(shop, "Fold(number=0)")
    cause = only(told)
    assert ("undecided", "Numbers") == (told["decision"], cause["task"])
    assert "decided once `Trainer` has run" == told["reasons"][0]["text"]
    assert ("input/raw.csv changed (6 -> 8 bytes)", 6, 8, 3) == (
        cause["text"], cause["old"], cause["new"], cause["rows"],
    )  # fmt: skip
    assert (1, 2) == (told["price"]["run"], told["price"]["undecided"])


def test_an_input_is_followed_to_what_changed_it(shop: Project) -> None:
    """Where a task below has run since with other values, these are the cause, not the bytes that it gave."""
    told = why(shop, "Trainer", "Numbers.count=4")
    assert "data.numbers changed (numbers.json)" == told["reasons"][0]["text"]
    cause = only(told)
    assert ("Numbers", "count: 3 -> 4", "command line") == (cause["task"], cause["text"], cause["where"])


def test_what_it_read_while_running(shop: Project) -> None:
    """A dependency's parameter that was read, and is another now, is named."""
    cause = only(why(shop, "Trainer", "Numbers.label=b"))
    assert ("observed", "data.label, which it was seen to read, changed") == (cause["kind"], cause["text"])


def test_neutral_edits_are_told(shop: Project) -> None:
    """Comments, and definitions that the task does not use, are told beside a result that is still good."""
    edit(shop, "tasks.py", "# how many", "# how many numbers")
    edit(shop, "helpers.py", "return 1", "return 2")
    told = why(shop, "Trainer")
    assert "reuse" == told["decision"]
    assert [
        "1 other definition edited in helpers.py:11, which it does not use",
        "1 comment edited in tasks.py:7, which does not count",
    ] == [each["text"] for each in told["neutral"]]


def test_layout_does_not_count(shop: Project) -> None:
    """Where nothing but the layout changed, that is said."""
    edit(shop, "helpers.py", "values, factor):", "values,   factor):")
    assert ["layout changed in helpers.py, which does not count"] == [
        each["text"] for each in why(shop, "Trainer")["neutral"]
    ]


def test_version_and_outputs(shop: Project) -> None:
    """What the task says of itself: its version, and the outputs that it declares."""
    edit(
        shop,
        "tasks.py",
        '    numbers = output("numbers.json")',
        '    version = "2"\n    numbers = output("numbers.txt")',
    )
    found = {
        tuple(each["new"]) if isinstance(each["new"], list) else each["new"]: each["old"]
        for each in why(shop, "Numbers")["causes"]
        if each["kind"] == "declaration"
    }
    assert {"2": "", ("numbers.txt (text)",): ["numbers.json (json)"]} == found


@pytest.mark.parametrize(("kind", "content"), [("missing", None), ("corrupt", b"{}")])
def test_outputs_that_are_not_right(shop: Project, kind: str, content: bytes | None) -> None:
    """An output that is gone or was changed is named, with the run whose result it was."""
    path = next(shop.root.glob("mlruns/**/model.json"))
    kept = path.read_bytes()
    path.chmod(0o644)
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    try:
        told = why(shop, "Trainer")
    finally:
        path.write_bytes(kept)
    cause = only(told)
    assert (kind, str(path.relative_to(shop.root))) == (cause["kind"], cause["where"])
    assert told["earlier"]["run_id"] in cause["where"]


def test_forced(shop: Project) -> None:
    """`-f` is its own reason."""
    told = why(shop, "Fold(number=0)", "-f")
    assert ("run", "asked for with -f") == (told["decision"], only(told)["text"])


def test_a_first_run(shop: Project) -> None:
    """A task that never ran needs no further cause, and its price is not known."""
    edit(shop, "tasks.py", "class Prediction", "class New(Fold):\n    pass\n\n\nclass Prediction")
    told = why(shop, "New", "Trainer.seed=7")
    assert ("first run", None) == (only(told)["text"], told["earlier"])
    assert ("New", 1) == (told["target"], told["price"]["unknown"])


LOOSE = """class Loose(Task):
    module: str = "presets"
    out = output("out.json")

    def run(self):
        import importlib
        import sys
        self.out.save([importlib.import_module(self.module).RATE, sys.modules[self.module].RATE, eval(self.module)])


class Prediction"""


def test_code_that_cannot_be_followed_is_named(shop: Project) -> None:
    """Where only running tells what is meant, file and line are said."""
    edit(shop, "tasks.py", "class Prediction", LOOSE)
    line = 1 + (shop.root / "tasks.py").read_text().split("\n").index("        import sys")
    told = why(shop, "Loose")
    assert [
        f"tasks.py:{line + 1} imports a module by a name that is only known at run time",
        f"tasks.py:{line + 1} looks a module up in `sys.modules`",
        f"tasks.py:{line + 1} runs code that is only known at run time",
    ] == told["notes"]


def test_a_target_that_is_broken_elsewhere(shop: Project) -> None:
    """What is wrong with another task of the target does not keep this one from being explained."""
    (shop.root / "input" / "other.csv").unlink()
    told = why(shop, "Trainer")
    assert ("reuse", "Trainer") == (told["decision"], told["target"])


def test_an_unknown_task(shop: Project) -> None:
    """A name that there is not is a usage error with the nearest that there is."""
    done = shop.run("why", "Trainr")
    assert 2 == done.returncode
    assert "there is no task `Trainr`" in done.stderr
    assert "Trainer" in done.stderr


def test_outside_git(shop: Project) -> None:
    """Where git cannot say who changed something, all else is told."""
    edit(shop, "helpers.py", "FACTOR = 2", "FACTOR = 3")
    hidden = {"GIT_CEILING_DIRECTORIES": str(shop.root.parent)}
    (shop.root / ".git").rename(shop.root / ".nogit")
    try:
        done = shop.run("why", "Trainer", "--json", env=hidden)
    finally:
        (shop.root / ".nogit").rename(shop.root / ".git")
    change = only(json.loads(done.stdout))["change"]
    assert None is change["commit"]
    assert "+FACTOR = 3" in change["diff"]


def test_the_lines_for_people(shop: Project) -> None:
    """The sentence, the cause with who made it, what is equal, what follows, the price, the way out."""
    edit(shop, "helpers.py", "FACTOR = 2", "FACTOR = 3")
    done = shop.run("why", "Trainer", "-v")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Trainer must run: 1 of 9 things that its result depends on changed since ")
    assert "  ↻ code: FACTOR changed (helpers.py:3)  not committed yet" == lines[1]
    assert ["      -FACTOR = 2", "      +FACTOR = 3"] == lines[5:7]
    assert "  = equal: 2 parameters, code of 5 definitions, input data.numbers" == lines[7]
    assert "    3 tasks follow: Fold(number=0), Fold(number=1), Prediction" == lines[8]
    assert lines[9].startswith("    to run: 1 task; took 0.")
    assert lines[10].startswith("hint: the earlier result is taken again with helpers.py as it is in commit ")
    assert "next: daicho run Trainer" == done.stderr.strip()


def test_no_heavy_library_is_imported(shop: Project) -> None:
    """Explaining imports neither MLflow nor a library for data."""
    edit(shop, "luigi.toml", "0.1", "0.3")
    program = """
import sys
from daicho.cli.app import main
main(["why", "Trainer", "-q"])
print(*{"mlflow", "numpy", "pandas", "pyarrow", "rich"} & set(sys.modules), file=sys.stderr)
"""
    done = shop.python("-c", program)
    assert (0, "") == (done.returncode, done.stderr.strip())


def test_from_python(shop: Project) -> None:
    """`daicho.why` takes a class or an instance as well, and gives the value that the command draws."""
    program = """
import daicho
from tasks import Trainer
told = daicho.why(Trainer(seed=5))
assert isinstance(told, daicho.Why)
print(told.verdict, told.causes[0].reason.text, told.causes[0].where, sep="|")
print(daicho.why(Trainer).verdict, daicho.why("Trainer", params={"Trainer.seed": 6}).causes[0].where)
"""
    done = shop.python("-c", program)
    assert ["run|seed: 0 -> 5|given in code", "reuse params"] == done.stdout.splitlines(), done.stderr
