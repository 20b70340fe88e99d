"""Whatever a class is made of, what it reads when it runs is never more than what its code was seen to read."""

from __future__ import annotations

import contextlib
import textwrap
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from daicho.runtime import current
from daicho.task.graph import Graph, build
from daicho.task.runtime import Work
from tests.task.readers import CLASS, HEAD, written

READ = """
def read(task, name):
    found = getattr(task, name)
    return getattr(found, "path", found)
"""


_STEPS = st.sampled_from(
    ["self.data", "self.more", "self.deep", "self.raw", "self.parts[0]", "self.named['a']", "x", "y", "z"]
)
_LEAPS = st.sampled_from(
    ["self.deep.raw", "self.held", "self.kept", "self.back()", "Data(seed=1)", "Raw()", "getattr(self, 'data')",
     "vars(self)['more']", "(lambda: self.raw)()", "[*self.parts][1]", "dict(self.named)['a']", "self.group.data",
     "self.data.train.task", "self.dependencies()[1][1]", "(self.data or self.more)", "[self.raw][0]",
     "self.deep.x.task.raw", "self.param_kwargs['raw']", "super().more", "self.parts[1:][0]", "MADE"]
)  # fmt: skip
_VALUES = st.one_of(_STEPS, _LEAPS)
_PLAINLY = (
    *("self.data.train.path", "self.more.train.path", "self.raw.a.path", "self.deep.x.path"),
    *("[each.train.path for each in self.parts]", "self.named['a'].train.path"),
)
_OUTPUTS = st.sampled_from(["train", "test", "test", "b", "b", "y", "frame", "raw"])
_NAMES = st.sampled_from(["x", "y", "z"])

_SIMPLE = st.one_of(
    st.builds("{}.{}.path".format, _VALUES, _OUTPUTS),
    st.builds("{} = {}".format, _NAMES, _VALUES),
    st.builds("self.kept = {}".format, _VALUES),
    st.builds("read({}, '{}')".format, _VALUES, _OUTPUTS),
    st.builds("read(self, '{}')".format, st.sampled_from(["data", "deep", "held"])),
    st.builds("{} = [each.{} for each in self.parts]".format, _NAMES, _OUTPUTS),
    st.builds("{} is None or {}.{}.path".format, _VALUES, _VALUES, _OUTPUTS),
    st.builds("(lambda v: v.{}.path)({})".format, _OUTPUTS, _VALUES),
)


def _nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    block = st.lists(inner, min_size=1, max_size=3).map(
        lambda lines: textwrap.indent("\n".join(lines), "    ")
    )
    heads = st.one_of(
        st.builds("for {} in self.parts:".format, _NAMES),
        st.builds("for k, {} in self.named.items():".format, _NAMES),
        st.builds("for {} in self.named.values():".format, _NAMES),
        st.builds("for i, {} in enumerate(self.parts[1:]):".format, _NAMES),
        st.builds("for {} in [{}, {}]:".format, _NAMES, _VALUES, _VALUES),
        st.just("if self.data is not None:"),
    )
    return st.builds("{}\n{}".format, heads, block)


_STATEMENTS = st.lists(st.recursive(_SIMPLE, _nested, max_leaves=3), min_size=1, max_size=3).map(
    lambda odd: [*odd, *_PLAINLY]
)


_MEMBERS = st.sampled_from(
    [
        "kept = None",
        "@property\ndef held(self):\n    return self.more",
        "def back(self):\n    return self.raw",
        "def back(self):\n    return self",
        "def back(self):\n    return self.data.test and self.raw.b.task",
        "group: Group = Group(data=Data(seed=5))",
    ]
)


def _tried(statement: str) -> str:
    """A statement that may fail, as far as it gets."""
    return f"try:\n{textwrap.indent(statement, '    ')}\nexcept Exception:\n    pass"


@settings(max_examples=200, deadline=None)
@given(_STATEMENTS, st.lists(_MEMBERS, max_size=2))
def test_never_less_than_what_is_read(statements: list[str], members: list[str]) -> None:
    """Whatever statements a class is made of, what is read when they run was seen before."""
    run = "def run(self):\n" + textwrap.indent("\n".join(map(_tried, statements)), "    ")
    body = textwrap.indent("\n".join([*members, run]), "    ")
    task = written(HEAD, READ, CLASS + body)["Reader"]()
    graph = build(task)
    counted = {edge.task_id: edge.reads for edge in graph.reads(task.task_id)}
    for task_id, role in _read_by(task, graph):
        reads = counted[task_id]
        assert reads is None or role in reads


def _read_by(task: Any, graph: Graph) -> set[tuple[str, str]]:
    """What a task reads when it runs, of what it depends on."""
    runtime: Any = current()
    edges = list(graph.reads(task.task_id))
    inputs = _Noting(
        {(edge.task_id, role): Path(role) for edge in edges for role in graph.nodes[edge.task_id].outputs}
    )
    runtime.work = Work(task, Path("stage"), inputs)
    try:
        with contextlib.suppress(Exception):
            task.run()
    finally:
        runtime.work = None
    return inputs.read


class _Noting(dict[tuple[str, str], Path]):
    """Inputs that note which of them are asked for."""

    def __init__(self, known: dict[tuple[str, str], Path]) -> None:
        super().__init__(known)
        self.read: set[tuple[str, str]] = set()

    def get(self, asked: Any, default: Any = None) -> Any:
        """The place of an input."""
        if asked in self:
            self.read.add(asked)
        return super().get(asked, default)
