"""Keys: equal for everyone who would get the same result, different for everything that could change it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import luigi
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from daicho import Task, output
from daicho.fingerprint import observed
from daicho.fingerprint.key import content_of, content_of_wrapper, key_of
from daicho.fingerprint.parts import Parts
from daicho.record import OutputRecord, SourceRecord
from daicho.task import graph
from tests.plan.memory import all_parts, alone
from tests.strategies import HEX, JSON, NAMES
from tests.support.project import Project

T = TypeVar("T")

TEXTS = st.dictionaries(NAMES, HEX, max_size=3)
PARTS = st.builds(
    Parts,
    task=NAMES,
    parameters=TEXTS,
    code=TEXTS,
    sources=st.lists(
        st.builds(SourceRecord, NAMES, NAMES, HEX, st.integers(0, 9)),
        max_size=2,
        unique_by=lambda each: each.role,
    ).map(tuple),
    outputs=st.dictionaries(NAMES, st.tuples(NAMES, NAMES), max_size=2),
    version=NAMES,
    settings=TEXTS,
)


def _backwards(values: Mapping[str, T]) -> dict[str, T]:
    return dict(reversed(list(values.items())))


@given(PARTS, TEXTS)
def test_a_key_repeats(parts: Parts, inputs: dict[str, str]) -> None:
    """The same parts in any order give the same key, which is 64 hexadecimal digits."""
    shuffled = replace(
        parts,
        parameters=_backwards(parts.parameters),
        code=_backwards(parts.code),
        sources=tuple(reversed(parts.sources)),
        outputs=_backwards(parts.outputs),
    )
    key = key_of(parts, inputs)
    assert key == key_of(shuffled, dict(reversed(inputs.items())))
    assert (64, set()) == (len(key), set(key) - set("0123456789abcdef"))


@given(
    PARTS,
    TEXTS,
    st.sampled_from(["task", "parameters", "code", "sources", "outputs", "version", "settings"]),
    PARTS,
)
def test_every_part_counts(parts: Parts, inputs: dict[str, str], name: str, other: Parts) -> None:
    """Another value of any one part is another key."""
    value = getattr(other, name)
    assume(_seen(name, value) != _seen(name, getattr(parts, name)))
    changed: Any = {name: value}
    assert key_of(parts, inputs) != key_of(replace(parts, **changed), inputs)


def _seen(name: str, value: Any) -> Any:
    return {each.role: each.digest for each in value} if name == "sources" else value


@given(PARTS, TEXTS, TEXTS)
def test_inputs_count(parts: Parts, inputs: dict[str, str], other: dict[str, str]) -> None:
    """Content and role of what it depends on are in the key."""
    assert (inputs == other) == (key_of(parts, inputs) == key_of(parts, other))


@given(PARTS, TEXTS)
def test_the_place_and_size_of_a_source_do_not_count(parts: Parts, inputs: dict[str, str]) -> None:
    """A source that was moved is the same: its content counts, under its role."""
    moved = tuple(replace(each, place="elsewhere", size=99) for each in parts.sources)
    assert key_of(parts, inputs) == key_of(replace(parts, sources=moved), inputs)


@given(PARTS, TEXTS, st.dictionaries(NAMES, JSON))
def test_what_is_shown_does_not_count(parts: Parts, inputs: dict[str, str], shown: dict[str, Any]) -> None:
    """How values are shown to people is not in the key."""
    assert key_of(parts, inputs) == key_of(replace(parts, shown=shown), inputs)


OUTPUTS = st.lists(
    st.builds(OutputRecord, NAMES, NAMES, NAMES, HEX, st.integers(0, 9)),
    max_size=3,
    unique_by=lambda each: each.role,
)


@given(OUTPUTS, OUTPUTS)
def test_content_is_roles_names_and_bytes(one: list[OutputRecord], other: list[OutputRecord]) -> None:
    """What a task gives is equal if its outputs are, in whatever order and from whichever run."""

    def told(outputs: list[OutputRecord]) -> Mapping[str, tuple[str, str, str]]:
        return {each.role: (each.name, each.format, each.digest) for each in outputs}

    assert (told(one) == told(other)) == (content_of(one) == content_of(other))
    assert content_of(one) == content_of(reversed(one))


def test_a_wrapper_is_not_what_it_wraps() -> None:
    """The content of a wrapper is never that of a task."""
    assert content_of([]) != content_of_wrapper({})


# ------------------------------------------------------------------------------- from tasks to parts


class Options(Task):
    """A task with a dictionary, a list and an insignificant parameter."""

    options: dict[str, int] = {}
    names: list[str] = []
    pair: tuple[int, ...] = ()
    threads = luigi.IntParameter(default=1, significant=False)
    out = output("out.json")

    def run(self) -> None:
        self.out.save(None)


class Reads(Task):
    """A task that depends on one of the above, beside a parameter."""

    data: Options
    many: dict[str, Options] = {}
    out = output("out.json")

    def run(self) -> None:
        self.out.save(None)


def key(task: Task, **inputs: str) -> str:
    """The key of a task whose inputs are as given."""
    return key_of(all_parts(graph.build(task), Path("nowhere"))[task.task_id], inputs)


@given(st.dictionaries(NAMES, st.integers(), max_size=4))
def test_the_order_of_a_dictionary_does_not_count(options: dict[str, int]) -> None:
    """Two dictionaries that are equal are one value, however they were written down."""
    with alone():
        one = key(Options(options=options))
    with alone():
        assert one == key(Options(options=dict(reversed(options.items()))))


def test_types_count() -> None:
    """The order of a list counts; equal numbers in a list and in a tuple are two values; hidden ones are none."""
    with alone():
        keys = [
            key(Options()),
            key(Options(names=["a", "b"])),
            key(Options(names=["b", "a"])),
            key(Options(pair=(1,))),
            key(Options(options={"a": 1})),
        ]
        assert 5 == len(set(keys))
        assert keys[0] == key(Options.configured(threads=8))


def test_a_dependency_counts_by_what_it_gives() -> None:
    """Which task gave an input is not in the key: only its content, under its role."""
    with alone():
        one = Reads(data=Options(names=["a"]), many={"x": Options()})
        two = Reads(data=Options(names=["b"]), many={"x": Options(pair=(1,))})
        assert one.task_id != two.task_id
        assert key(one, data="1") == key(two, data="1")
        assert key(one, data="1") != key(one, data="2")
        assert key(one) != key(Reads(data=Options(), many={"y": Options()}))


def test_what_was_seen_must_be_seen_again() -> None:
    """`extra` matches where the same role has the same value and the same code ran, and nowhere else."""
    with alone():
        reads = Reads(data=Options(names=["a"]))
        seen = {
            observed.parameter("data", "names"): observed.value_of(reads.data, "names"),
            "code:tools:scale": "1",
        }

        def differs(
            seen: Mapping[str, str], task: Task = reads, code: str | None = "1"
        ) -> list[tuple[str, str]]:
            return list(observed.differences(seen, graph.build(task), task.task_id, lambda _: code))

        assert [] == differs(seen) == differs({})
        assert [("parameter", "data.names")] == differs(seen, Reads(data=Options(names=["b"])))
        for now in ("2", None):
            assert [("code", "tools:scale")] == differs(seen, code=now)
        for strange in ("parameter:data.gone", "parameter:gone.names", "module:numpy", "names", ""):
            assert 1 == len(differs({**seen, strange: ""})), strange


# ------------------------------------------------------------------------------------ whole projects

TASKS = """
    import luigi
    from pathlib import Path
    from daicho import Source, Task, output, source
    from tools import scale

    class Numbers(Task):
        count: int = 3
        where: Path = Path("some/where")
        options: dict[str, int] = {"a": 1, "b": 2}
        raw: Source = source("input/x.json")
        numbers = output("numbers.json")

        def run(self):
            self.numbers.save(scale(self.raw.load()))

    class Total(Task):
        data: Numbers
        total = output("total.json")

        def run(self):
            self.total.save(sum(self.data.numbers.load()))
"""
FILES = {"tools.py": "def scale(x):\n    return x\n", "input/x.json": "[1]"}
ASK = "import daicho, json; print(json.dumps(daicho.status('Total').to_json()))"


def _keys(made: Project, env: Mapping[str, str] = {}) -> list[Any]:
    done = made.python("-c", ASK, env=env)
    assert 0 == done.returncode, done.stderr
    return [(task["task"], task["key"]) for task in json.loads(done.stdout)["tasks"]]


@pytest.fixture
def ships(project: Callable[..., Project]) -> Callable[[str], Project]:
    """The same project in a folder of that name."""
    return lambda name: project(TASKS, "", FILES, name=name)


def test_a_key_knows_no_place(ships: Callable[[str], Project], tmp_path: Path) -> None:
    """The same project in two folders, at two homes, by two users, with two seeds of hashing: the same keys."""
    one = _keys(ships("one"), {"PYTHONHASHSEED": "1"})
    other = ships("deeper/another")
    other.write("luigi.toml", '[RunConfig]\nexperiment_name = "other"\n[Numbers]\noptions = {b = 2, a = 1}\n')
    env = {"HOME": str(tmp_path), "USER": "grace", "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "2", "COLUMNS": "40"}
    assert one == _keys(other, env)
    assert ["Numbers", "Total"] == [family for family, _ in one]
    assert [True, False] == [
        found is not None for _, found in one
    ]  # the second waits for what the first gives


def test_only_what_counts_changes_a_key(ships: Callable[[str], Project]) -> None:
    """A comment, a docstring and a touched file leave keys alone; a helper, a parameter and a source do not."""
    made = ships("ships")
    seen = [_keys(made)[0]]
    made.write("tools.py", 'def scale(x):\n    """Scale."""\n    return x  # as it is\n')
    made.write("input/x.json", "[1]")
    assert seen == [_keys(made)[0]]
    for name, content in (
        ("tools.py", "def scale(x):\n    return x * 1\n"),
        ("input/x.json", "[2]"),
        ("luigi.toml", "[Numbers]\ncount = 4\n"),
    ):
        made.write(name, content)
        seen.append(_keys(made)[0])
    assert len(seen) == len(set(seen))
