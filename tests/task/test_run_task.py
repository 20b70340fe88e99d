"""Tasks in the published layout: what they say of their files, what they read, their section, and pins."""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import luigi
import pytest
from luigi.util import requires

from daicho import RunTask, Task, output
from daicho.errors import DaichoError, DeclarationError, FormatError, GraphError, SourceError
from daicho.fingerprint.parts import Parts, parts_of
from daicho.fingerprint.pinned import pinned_outputs
from daicho.remembered import Digests
from daicho.runtime import current
from daicho.task.graph import Graph, build
from daicho.task.run_task import layout_of
from daicho.task.runtime import ProjectRuntime

Configure = Callable[..., ProjectRuntime]
TITANIC = """
[PathConfig]
input = "./input/"

[Preprocessor]
train_columns = ["Survived", "Age"]

[Trainer]
seed = 0
"""


class Preprocessor(RunTask):
    def build_input_output_path_dicts(self):
        own = self.path_config["Preprocessor"]
        return (
            {"train": f"{self.path_config['input']}train.csv", "extra": "extra/list.txt"},
            {"train": f"{own}train.csv", "test": f"{own}test.csv", "plots": f"{own}plots/"},
        )

    def run(self):
        pass


@requires(Preprocessor)
class Trainer(RunTask):
    def build_input_output_path_dicts(self):
        inputs = {"train": f"{self.path_config['Preprocessor']}train.csv"}
        return inputs, {"model": f"{self.path_config['Trainer']}model"}

    def run(self):
        pass


@requires(Trainer)
class Prediction(RunTask):
    """Reads the test list of a task that it needs only by way of another."""

    def build_input_output_path_dicts(self):
        inputs = {
            "model": f"{self.path_config['Trainer']}model",
            "test": os.path.join(self.path_config["Preprocessor"], "test.csv"),
        }
        return inputs, {"prediction": f"{self.path_config['Prediction']}prediction.csv"}

    def run(self):
        pass


class Made(RunTask):
    """A task whose files a test says."""

    inputs: dict[str, Any] = {}
    outputs: dict[str, Any] = {}
    needs: Any = []

    def build_input_output_path_dicts(self):
        folders = self.path_config
        return (
            {name: path.format_map(folders) for name, path in self.inputs.items()},
            {name: path.format_map(folders) for name, path in self.outputs.items()},
        )

    def requires(self):
        return list(self.needs)

    def run(self):
        pass


class Split(RunTask):
    """One of several of its class."""

    number: int = 0

    def build_input_output_path_dicts(self):
        return {}, {"part": f"{self.path_config['Split']}part.csv"}

    def run(self):
        pass


def _edges(graph: Graph, task: luigi.Task) -> dict[str, list[str] | None]:
    edges = graph.nodes[task.task_id].edges
    return {edge.role: None if edge.reads is None else sorted(edge.reads) for edge in edges}


def _parts(task: Task) -> Parts:
    node = build(task).nodes[task.task_id]
    return parts_of(node, root=current().root, code=lambda _: {}, digests=Digests())


def _refused(kind: type[DaichoError], *targets: Task) -> str:
    with pytest.raises(kind) as caught:
        build(*targets)
    return str(caught.value)


# ------------------------------------------------------------------------------------------- files


def test_what_it_says_of_its_files(configure: Configure) -> None:
    """Its two dictionaries tell outputs with their formats, sources by their places, and what it reads of others."""
    configure(TITANIC)
    layout = layout_of(Preprocessor())
    assert {"train": "input/train.csv", "extra": "extra/list.txt"} == {
        name: each.place for name, each in layout.sources.items()
    }
    assert {
        "train": ("train.csv", "csv", False),
        "test": ("test.csv", "csv", False),
        "plots": ("plots", "folder", True),
    } == {name: (each.name, each.format, each.folder) for name, each in layout.outputs.items()}
    assert [("train", "Preprocessor", "train.csv")] == [
        (each.name, each.task, each.file) for each in layout_of(Trainer()).reads
    ]
    assert ["file"] == [each.format for each in layout_of(Trainer()).outputs.values()]


def test_only_what_is_read_counts(configure: Configure) -> None:
    """An edge names the outputs that are read, also of a task further up; one that is only waited for gives nothing."""
    configure(TITANIC)
    prediction = Prediction()
    graph = build(prediction)
    assert {"Preprocessor": ["train"]} == _edges(graph, Trainer())
    assert {"Trainer": ["model"], "Preprocessor": ["test"]} == _edges(graph, prediction)
    waits = Made(needs=[Preprocessor()])
    assert {"Preprocessor": []} == _edges(build(waits), waits)


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("{Preprocessor}", ["plots", "test", "train"]),
        ("{Preprocessor}plots/", ["plots"]),
        ("{Preprocessor}plots/a.png", ["plots"]),
        ("{preprocessor}train.csv", ["train"]),
        ("{Preprocessor}./x/../train.csv", ["train"]),
    ],
)
def test_what_a_path_means(configure: Configure, path: str, read: list[str]) -> None:
    """A path may mean a whole folder, a file in one that is an output, and spell the task in lower case."""
    configure(TITANIC)
    task = Made(inputs={"it": path}, needs=[Preprocessor()])
    assert {"Preprocessor": read} == _edges(build(task), task)


def test_through_a_wrapper(configure: Configure) -> None:
    """A task that only stands for others gives access to theirs, and does not count itself."""
    configure(TITANIC)

    class All(luigi.WrapperTask):
        def requires(self):
            return [Preprocessor()]

    task = Made(inputs={"it": "{Preprocessor}train.csv"}, needs=[All()])
    assert {"All": None, "Preprocessor": ["train"]} == _edges(build(task), task)


def test_sides_of_the_graph(configure: Configure) -> None:
    """A task in the published layout reads a new one's outputs by path; a new one reads its by their names."""
    configure(TITANIC)

    class New(Task):
        table = output("table.csv")
        rest = output("rest.csv")

        def run(self) -> None:
            pass

    class Newest(Task):
        old: Made

        def run(self) -> None:
            pass

    old = Made(inputs={"it": "{New}table.csv"}, outputs={"sum": "{Made}sum.csv"}, needs=[New()])
    newest = Newest(old=old)
    graph = build(newest)
    assert {"New": ["table"]} == _edges(graph, old)
    assert {"old": None} == _edges(graph, newest)
    assert ("sum.csv", "csv") == (newest.old.sum.name, newest.old.sum.format)


REFUSED = [
    (
        {"inputs": {"it": "{Trainer}model"}},
        (
            "`Made.it` reads path_config['Trainer'], but `Made` does not depend on `Trainer`\n"
            "hint: write `@requires(Trainer)` above `class Made`"
        ),
    ),
    (
        {"inputs": {"it": "{Trianer}model"}},
        (
            "`Made.it` reads path_config['Trianer'], but `[PathConfig]` has no such key, and no task has that name\n"
            "hint: did you mean `Trainer`?"
        ),
    ),
    (
        {"inputs": {"it": "s3://bucket/a.csv"}},
        (
            "the input `Made.it` lies elsewhere (`s3://bucket/a.csv`), so daicho cannot see its content\n"
            'hint: as a Task it can be declared with a version: source(uri, version="2024-05-01")'
        ),
    ),
    (
        {"outputs": {"it": "out/a.csv"}},
        (
            "the output `Made.it` does not lie in the task's own folder (`out/a.csv`)\n"
            "hint: write f\"{self.path_config['Made']}a.csv\""
        ),
    ),
    (
        {"outputs": {"it": "{Trainer}a.csv"}},
        (
            "the output `Made.it` does not lie in the task's own folder (`.daicho/pending/Trainer/a.csv`)\n"
            "hint: write f\"{self.path_config['Made']}a.csv\""
        ),
    ),
    (
        {"outputs": {"it": "{Made}a?.csv"}},
        (
            "the output `Made.it`, `a?.csv`, cannot be stored: it has a character that some stores cut or refuse\n"
            "hint: use letters, digits, `-`, `_`, `.` and perhaps `/` between folders"
        ),
    ),
    (
        {"outputs": {"it": "{Made}model", "that": "{Made}Model"}},
        (
            "`Made.it` and `Made.that` are the same file, `Model`\n"
            "hint: give each output a name of its own (on some disks upper and lower case are one)"
        ),
    ),
]


@pytest.mark.parametrize(("said", "sentence"), REFUSED, ids=lambda each: str(each)[:40])
def test_what_is_refused(configure: Configure, said: dict[str, Any], sentence: str) -> None:
    """What cannot be meant is named before anything runs, with the line to write."""
    configure(TITANIC)
    assert sentence == _refused(DaichoError, Made(**said))


def test_files_that_are_not_there(configure: Configure) -> None:
    """A file that the other task does not make is named with the nearest that it does."""
    configure(TITANIC)
    task = Made(inputs={"it": "{Preprocessor}trian.csv"}, needs=[Preprocessor()])
    assert (
        "`Made.it` reads `trian.csv` of `Preprocessor`, which has no such output\nhint: did you mean `train.csv`?"
        == (_refused(GraphError, task))
    )


def test_two_of_a_class(configure: Configure) -> None:
    """A name cannot say which of two instances is meant, unless a task depends on one of them itself."""
    configure(TITANIC)
    task = Made(inputs={"it": "{Split}part.csv"}, needs=[Split(number=1), Split(number=2)])
    assert "depends on 2 tasks `Split`: which one is meant cannot be said by name" in _refused(
        GraphError, task
    )
    below = Made(outputs={"x": "{Made}x"}, needs=[Split(number=2)])
    nearer = Made(inputs={"it": "{Split}part.csv"}, needs=[Split(number=1), below])
    graph = build(nearer)
    assert [Split(number=1).task_id] == [
        e.task_id for e in graph.nodes[nearer.task_id].edges if e.reads == frozenset({"part"})
    ]


@pytest.mark.parametrize(
    "given", [None, ({},), ([], {}), ({1: "a"}, {}), ({"a": ""}, {}), ({"a": ["b"]}, {})]
)
def test_no_two_dictionaries(given: Any) -> None:
    """What is not two dictionaries of names to paths is refused with what was given."""

    class Odd(RunTask):
        def build_input_output_path_dicts(self):
            return given

        def run(self):
            pass

    assert "`Odd.build_input_output_path_dicts()` gives" in _refused(DeclarationError, Odd())


def test_a_task_that_does_not_say_its_files() -> None:
    """The two dictionaries are needed as soon as there is something to run."""

    class Silent(RunTask):
        def run(self):
            pass

    class Group(RunTask):
        def requires(self):
            return [Split()]

    assert "`Silent` does not say its files" in _refused(DeclarationError, Silent())
    assert "wrapper" == build(Group()).nodes[Group().task_id].kind


# --------------------------------------------------------------------------------- paths and targets


def test_folders_are_absolute(configure: Configure) -> None:
    """Every value of `path_config` is absolute and ends in a slash, whatever the configuration says."""
    root = configure('[PathConfig]\ninput = "./input"\nraw = "/data/raw/"\n').root
    folders = Made().path_config
    assert [f"{root}/input/", "/data/raw/", f"{root}/.daicho/pending/Made/"] == [
        folders["input"], folders["raw"], folders["Made"],
    ]  # fmt: skip
    assert (["input", "raw"], 2) == (list(folders), len(folders))
    assert {"a": f"{root}/a.csv"} == Made(inputs={"a": "a.csv"}).input_paths_dict
    assert {"x": f"{root}/.daicho/pending/Made/x"} == Made(outputs={"x": "{Made}x"}).output_paths_dict


def test_targets_in_order() -> None:
    """`output()` gives Luigi a list of targets in the order of the outputs, none of which exist before it has run."""
    targets = Made(outputs={"b": "{Made}b", "a": "{Made}a.csv"}).output()
    assert (list, [False, False]) == (type(targets), [each.exists() for each in targets])
    assert all(isinstance(each, luigi.LocalTarget) for each in targets)


def test_outputs_are_attributes_too(configure: Configure) -> None:
    """An output is read by its name; another name is no attribute; what no format fits is read by its path."""
    configure(TITANIC)
    assert "model" == Trainer().model.name
    with pytest.raises(AttributeError, match="no attribute and no output `modle`: did you mean `model`"):
        Trainer().modle  # noqa: B018
    assert not hasattr(Trainer(), "_nothing")
    with pytest.raises(FormatError, match="its task writes it by its own code"):
        Trainer().model.load()


# ------------------------------------------------------------------------------------------- section


def test_the_section_as_it_stands(configure: Configure) -> None:
    """`config` is the section with lists, numbers and tables; a change to it stays with the task."""
    configure('[Made]\nlist = ["a"]\nnumber = 0.5\n[Made.table]\nx = 1\n')
    task = Made()
    assert {"list": ["a"], "number": 0.5, "table": {"x": 1}} == task.config
    task.config["list"].append("b")
    assert (["a", "b"], ["a"]) == (task.config["list"], Made(inputs={"a": "a"}).config["list"])


def test_the_whole_section_is_in_the_key(configure: Configure) -> None:
    """Each key of the section counts like a parameter; one that is a parameter counts as both."""
    configure("[Split]\nnumber = 1\nseed = 0\n")
    first = _parts(Split())
    assert {"number": 1, "seed": 0, "config.number": 1} == first.shown
    configure("[Split]\nnumber = 1\nseed = 1\n")
    assert ["seed"] == [
        name for name, each in _parts(Split()).parameters.items() if each != first.parameters[name]
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", 1), ("0.5", 0.5), ("[1, 2]", [1, 2]), ('"1"', "1"), ("true", True), ("wide", "wide")],
)
def test_the_command_line_says_toml(configure: Configure, text: str, value: Any) -> None:
    """A value on the command line is a TOML value, or else a bare text; the rest of the section stays."""
    configure("[trainer]\nseed = 0\nalpha = 2\n", overrides=(f"Trainer.seed={text}",))
    assert {"seed": value, "alpha": 2} == Trainer().config


def test_sections_in_lower_case(configure: Configure) -> None:
    """A section is found although its name is spelt in another case."""
    configure("[preprocessor]\na = 1\n[PREDICTION]\nb = 2\n")
    assert ({"a": 1}, {"b": 2}, {}) == (Preprocessor().config, Prediction().config, Trainer().config)


# ---------------------------------------------------------------------------------------------- pins


def _pinned(graph: Graph) -> dict[str, str]:
    return {each.role: each.name for outputs in pinned_outputs(graph, Digests()).values() for each in outputs}


def test_a_pinned_task(configure: Configure, tmp_path: Path) -> None:
    """What lies in the folder is what the task has; it needs nothing, and dependants read it as ever."""
    folder = tmp_path / "mlruns/1/abc/artifacts/Preprocessor"
    (folder / "plots").mkdir(parents=True)
    (folder / "train.csv").write_text("1")
    (folder / "test.csv").write_text("2")
    configure(f"{TITANIC}\n[Later]\n".replace("input = ", f'Preprocessor = "{folder}/"\ninput = '))
    graph = build(Prediction())
    node = graph.nodes[Preprocessor().task_id]
    assert ("pinned", folder, ()) == (node.kind, node.pin, node.edges)
    assert {"train": "train.csv", "test": "test.csv", "plots": "plots"} == _pinned(graph)
    assert {"Preprocessor": ["train"]} == _edges(graph, Trainer())


def test_a_pin_without_the_files(configure: Configure, tmp_path: Path) -> None:
    """A file that is not there is an error that names it; nothing is ever written to a pinned folder."""
    (tmp_path / "old").mkdir()
    configure('[PathConfig]\ninput = "./input/"\nTrainer = "./old/"\n')
    graph = build(Trainer())
    with pytest.raises(SourceError) as caught:
        pinned_outputs(graph, Digests())
    assert "`Trainer` is pinned to `./old/`, where `model` is not" == caught.value.message
    assert [] == list((tmp_path / "old").iterdir())


def test_pins_that_cannot_be(configure: Configure) -> None:
    """A pin is a folder on this machine, and means one task."""
    configure('[PathConfig]\nSplit = "./old/"\n')
    assert "there are two tasks of it" in _refused(GraphError, Split(number=1), Split(number=2))
    configure('[PathConfig]\nSplit = "s3://bucket/"\n')
    assert "is no folder on this machine" in _refused(DaichoError, Split())
    configure("[PathConfig]\nSplit = 1\n")
    assert "`[PathConfig] Split` is 1, but must be a folder's path" in _refused(DaichoError, Split())


def test_missing_sources_are_named(configure: Configure) -> None:
    """A source that is not there is named with where it was looked for."""
    root = configure(TITANIC).root
    with pytest.raises(SourceError) as caught:
        _parts(Preprocessor())
    assert (
        "the source `Preprocessor.train` is not there: `input/train.csv`",
        (
            f"looked for `{root}/input/train.csv`",
            "its folder is a prefix of `[PathConfig]`, or written in `build_input_output_path_dicts()`",
        ),
    ) == (caught.value.message, caught.value.hints)
