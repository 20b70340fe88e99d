"""What of a dependency counts, by the code of the class: what is taken by name, or else all."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import luigi
import pytest

from daicho import RunTask, Task
from daicho.errors import InputError
from daicho.task.graph import Edge, build
from daicho.task.receiver import functions
from daicho.task.runtime import Work
from tests.task.conftest import Configure
from tests.task.readers import HEAD, Data, Deep, Raw, reading, written


def counts(kind: Any) -> dict[str, str]:
    """What counts of each thing that a task needs, by role: names, or `all`."""
    task = kind()
    return {
        edge.role: "all" if edge.reads is None else " ".join(sorted(edge.reads))
        for edge in build(task).nodes[task.task_id].edges
    }


ALL = dict.fromkeys(("data", "more", "deep", "raw", "parts[0]", "parts[1]", "named['a']"), "all")

SEEN = [
    ("self.data.train.load()", {"data": "train"}),
    ("with self.data.train.open() as f: f.read()", {"data": "train"}),
    ("handed(self.data.train, self.data.test.path)", {"data": "test train"}),
    ("handed(self.data.train, self.data.test, self.data.items)", {}),  # which are all
    ("self.data.train.load(self.data.seed, self.data.COLUMNS)", {"data": "train"}),
    ("return [lambda: self.data.train for _ in range(3)]", {"data": "train"}),
    ("def inner():\n    return self.data.test\ninner()", {"data": "test"}),
    ("f'{self.data.train.path} {self.data.task_id}'", {"data": "train"}),
    ("data = self.data\ndata.train.load()", {"data": "train"}),
    ("data: Data = self.data\nagain = data\nagain.test", {"data": "test"}),
    ("data = self.data if 1 else None\ndata.train", {}),
    ("data = self.data\nhanded(data)", {}),
    ("data = other = self.data\nother.train\ndata.test", {"data": "test train"}),
    ("if self.data is not None:\n    self.data.train", {"data": "train"}),
    ("if self.data == None:\n    self.data.train", {}),
    ("for part in self.parts:\n    part.train", {"parts[0]": "train", "parts[1]": "train"}),
    ("for i, part in enumerate(self.parts):\n    part.train", {"parts[0]": "train", "parts[1]": "train"}),
    ("[p.test.load() for p in self.parts[1:]]", {"parts[0]": "test", "parts[1]": "test"}),
    ("self.parts[0].train, len(self.parts)", {"parts[0]": "train", "parts[1]": "train"}),
    ("for name, d in self.named.items():\n    d.train", {"named['a']": "train"}),
    ("{d.train for d in self.named.values()}", {"named['a']": "train"}),
    ("for name in self.named:\n    self.named[name].test", {"named['a']": "all"}),
    ("for name in self.named.keys():\n    self.named[name].test", {"named['a']": "all"}),
    ("handed(self.parts)\nself.data.train", {"data": "train"}),
    ("for a, b in zip(self.parts, self.parts):\n    a.train", {}),
    ("handed(self.parts[0])", {}),
    ("for x in self.data:\n    x.train", {}),
    ("self.data[0].train", {}),
    ("handed(self.data)\nself.more.train", {"more": "train"}),
    ("self.data.frame\nself.more.train", {"more": "train"}),
    ("self.deep.x.load()", {"deep": "x"}),
    ("self.deep.x.load()\nself.deep.raw.a", {}),
    ("self.deep.x.load()\nself.raw.a\nself.more.train", {"deep": "x", "raw": "a", "more": "train"}),
    ("handed(self.deep)\nself.raw.a\nself.more.train", {}),
    ("self.data.train.task.test", {}),
    ("self.data.train\nself.data.unheard", {}),
    ("self.data.train\ndel self.data", {}),
    ("self.data.train\nself.data = self.more", {}),
    ("self.kept = self.data\nself.more.train", {"more": "train"}),
    ("self.kept = 3\nself.data.train", {"data": "train"}),
    ("class Inner:\n    data = self.data\nself.more.train\nInner.data.test", {"more": "train"}),
    ("global data\ndata = self.data\nself.more.train", {"more": "train"}),
    ("match self.data:\n    case Data(train=x):\n        pass", {}),
    ("type(self).__name__\nself.data.train", {"data": "train"}),
    ("self.set_status_message\nself.data.train", {"data": "train"}),
    ("self.get_task_family()\nself.priority\nself.data.train", {"data": "train"}),
    ("super().run()\nself.data.train", {"data": "train"}),
    ("super().input()\nself.data.train", {}),
    ("super(Reader, self).data.train", {"data": "train"}),
    ("handed(self)\nself.data.train", {}),
    ("me = self\nself.data.train", {}),
    ("getattr(self, 'data').test\nself.data.train", {}),
    ("vars(self)['data'].test\nself.data.train", {}),
    ("self.__dict__['data'].test\nself.data.train", {}),
    ("self.param_kwargs['data'].test\nself.data.train", {}),
    ("locals()['self'].data.test\nself.data.train", {}),
    ("self.input()\nself.data.train", {}),
    ("self.requires()\nself.data.train", {}),
    ("self.deps()\nself.data.train", {}),
    ("self.clone(Reader)\nself.data.train", {}),
    ("self.data.train\nData().test", {}),
    ("self.data.train\nOther().test", {}),
    ("self.data.train\nMADE.test", {}),
    ("self.data.train\nhere.Data().test", {}),
    ("self.data.train\nfrom tests.task.readers import Data as D\nD().test", {}),
]


@pytest.mark.parametrize(("body", "expected"), SEEN, ids=[body for body, _ in SEEN])
def test_what_run_shows(body: str, expected: dict[str, str]) -> None:
    """Outputs that are taken by their names count, and where anything else is done with a task all of its outputs."""
    assert {**ALL, **expected} == counts(reading(body))


MEMBERS = [
    ("def helper(self):\n    return self.data.test", {"data": "test train"}),
    ("@property\ndef frame(this):\n    return this.data.test", {"data": "test train"}),
    ("@functools.cached_property\ndef frame(self):\n    return self.data.test", {"data": "test train"}),
    ("@functools.cache\ndef frame(self):\n    return self.data.test", {"data": "test train"}),
    ("@contextlib.contextmanager\ndef frame(self):\n    yield self.data.test", {"data": "test train"}),
    ("@property\ndef held(self):\n    return self.data", {}),
    ("def __helper(self):\n    return self.data.test", {"data": "test train"}),
    ("def helper(*given):\n    return given[0].data.test", {}),
    ("helper = handed", {}),
    ("helper = lambda self: self.data.test", {}),
    ("helper = functools.partialmethod(handed)", {}),
    ("@wrapping\ndef helper(self):\n    return self.data.train", {}),
    ("@staticmethod\ndef helper(given):\n    return given", {"data": "train"}),
    ("@classmethod\ndef helper(cls):\n    return cls", {"data": "train"}),
    ("@staticmethod\ndef helper():\n    return Data()", {}),
    (
        "def requires(self):\n    return [Data(seed=self.data.seed + 7)]",
        {"data": "train", "requires[0]": "all"},
    ),
    ("uses = (handed,)", {}),
    ("ignores = ('made',)", {"data": "train"}),
]


@pytest.mark.parametrize(("member", "expected"), MEMBERS, ids=[member for member, _ in MEMBERS])
def test_what_members_show(member: str, expected: dict[str, str]) -> None:
    """All members that get the instance are looked at, called or not; what cannot be looked into may read anything."""
    assert {**ALL, **expected} == counts(reading("self.data.train", member))


def test_bases_and_mixins() -> None:
    """What is inherited reads, too; what a mixin outside of any task hands on is seen; private names are the class's."""
    made = written(
        HEAD,
        """
        class Mixin:
            def helper(self):
                return self.data.test

        class Leaking:
            def helper(self):
                return handed(self)

        class Base(Task):
            data: Data
            __own: Data = Data(seed=1)

            def run(self):
                return self.__own.items

        class Mixed(Mixin, Base):
            def run(self):
                super().run()
                return self.data.train

        class Leaks(Leaking, Base):
            pass
        """,
    )
    assert {"data": "test train", "_Base__own": "items"} == counts(made["Mixed"])
    assert {"data": "all", "_Base__own": "items"} == counts(made["Base"])
    assert {"data": "all", "_Base__own": "all"} == counts(made["Leaks"])


def test_no_text(tmp_path: Path) -> None:
    """A class that was made of text without a file shows nothing; a method that was put in later shows its own text."""
    names: dict[str, Any] = {"__name__": "nowhere", "Task": Task, "Data": Data}
    text = "class Reader(Task):\n    data: Data\n    def run(self):\n        self.data.train\n"
    exec(compile(text, str(tmp_path / "nowhere.py"), "exec", dont_inherit=True), names)
    assert {"data": "all"} == counts(names["Reader"])
    patched = reading("self.data.train")
    patched.run = _elsewhere
    assert {**ALL, "data": "items"} == counts(patched)


def _elsewhere(self: Any) -> None:
    self.data.items.load()


def test_a_file_on_disk(tmp_path: Path) -> None:
    """What a module on disk says is found with decorators and docstrings around it."""
    (tmp_path / "seen_on_disk.py").write_text(
        '"""\nWords.\n"""\nimport functools\nfrom tests.task.readers import Data, Task\n\n'
        "class Reader(Task):\n    data: Data\n\n    @functools.cache\n    def more(self):\n"
        "        return self.data.test\n\n    def run(self):\n        self.more()\n"
    )
    spec = importlib.util.spec_from_file_location("seen_on_disk", tmp_path / "seen_on_disk.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["seen_on_disk"] = module
    try:
        spec.loader.exec_module(module)
        assert {"data": "test"} == counts(module.Reader)
    finally:
        del sys.modules["seen_on_disk"]


def test_luigi_s_events() -> None:
    """A handler of Luigi's events gets the task: it may read anything."""
    kind = reading("self.data.train")

    def started(task: Any) -> None:
        """Reads something."""

    kind.event_handler(luigi.Event.START)(started)
    assert ALL == counts(kind)
    assert started in luigi.Task._event_callbacks[kind][luigi.Event.START]


def test_of_which_kind(configure: Configure, tmp_path: Path) -> None:
    """A wrapper gives all that it stands for; of a pinned task only what is read counts, unless it is handed on."""
    made = written(
        HEAD,
        """
        class Reader(Task):
            group: Group
            data: Data
            more: Data = Data(seed=1)

            def run(self):
                self.data.train

        class Through(Reader):
            def run(self):
                self.group.data.test
                self.more.train

        class Pinned(Task):
            deep: Deep
            raw: Raw

            def run(self):
                self.deep.x, self.raw.a

        class Handing(Pinned):
            def run(self):
                handed(self.deep), self.raw.a
        """,
    )
    reader = made["Reader"]()
    assert {"group": "all", "data": "train", "more": "all"} == counts(made["Reader"])
    reads = {edge.task_id: edge.reads for edge in build(reader).reads(reader.task_id)}
    assert {reader.group.task_id: None, reader.data.task_id: None, reader.more.task_id: None} == reads
    assert {"group": "all", "data": "all", "more": "all"} == counts(made["Through"])
    (tmp_path / "pinned").mkdir()
    configure('[PathConfig]\nDeep = "./pinned/"\n')
    assert {"deep": "x", "raw": "a"} == counts(made["Pinned"])
    assert {"deep": "all", "raw": "all"} == counts(made["Handing"])


def test_one_task_by_two_ways() -> None:
    """What may be read of a task is what is read by any way to it."""
    ways = [Edge("a", "x", frozenset({"p"})), Edge("b", "x", frozenset({"q"})), Edge("c", "x")]
    assert Edge("a", "x", frozenset({"p", "q"})) == ways[0].or_by(ways[1])
    assert Edge("a", "x") == ways[0].or_by(ways[2])
    kind = reading("self.data.train\nself.raw.a\nself.deep.x")
    task = kind(more=Data(), deep=Deep(raw=Raw()))
    graph = build(task)
    reads = {edge.role: edge.reads for edge in graph.reads(task.task_id)}
    assert (None, frozenset({"a"}), frozenset({"x"})) == (reads["data"], reads["raw"], reads["deep"])


def test_the_published_layout() -> None:
    """A task in the published layout that has annotated dependencies reads these as any other does."""
    made = written(
        HEAD,
        """
        from daicho import RunTask

        class Reader(RunTask):
            data: Data
            more: Data = Data(seed=1)

            def build_input_output_path_dicts(self):
                return {}, {"model": f"{self.path_config['Reader']}model.txt"}

            def run(self):
                self.data.train.load()
        """,
    )
    assert issubclass(made["Reader"], RunTask)
    assert {"data": "train", "more": ""} == counts(made["Reader"])


def test_the_sentence(configure: Configure, tmp_path: Path) -> None:
    """Who reads what the code does not show is told which output it is, and what to write."""
    runtime = configure()
    task = reading("self.data.train")()
    inputs = {(task.data.task_id, "train"): tmp_path / "train.txt"}
    runtime.work = Work(task, tmp_path, inputs)
    with pytest.raises(InputError) as caught:
        task.data.test.load()
    assert "`Reader` reads `Data.test`, but its code shows only that it reads `train`" == caught.value.message
    assert (
        "write `self.data.test` in a method of `Reader`: an output counts where its code shows that it is read",
        "or name what reads it in `Reader.uses`: then all outputs count",
    ) == caught.value.hints


@pytest.mark.parametrize("text", ["def f(:", "x = 1", "\0", "(" * 300])
def test_no_functions(text: str) -> None:
    """A text that is no Python, or has no functions, shows none."""
    assert {} == functions(text)
