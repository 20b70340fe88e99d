"""Random modules that find each other while they run, and random edits: another value is never taken for the old one."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fingerprint.executed.running import running

_TASKS = """
import importlib
import finding

class Trainer:
    def run(self):
        return [importlib.import_module(name).value() for name in finding.NAMES]
"""
_FINDING = """
import importlib

NAMES = []
REGISTRY = {{}}
NAMES += {last}

class Base:
    pass

def register(name):
    def put(function):
        REGISTRY[name] = function
        return function
    return put

def module(number):
    return importlib.import_module("part" + str(number))
"""
_PART = """
import finding
{imports}
NUMBER = {number}

class Kind(finding.Base):
    size = {size}

@finding.register({me!r})
def value(*, k={default}):
    return NUMBER + k + {terms}

def beside():
    return {beside}
"""
_WAYS = ["registry", "module", "static", "evaluated", "attribute", "subclass", "patched", "pickled"]


@st.composite
def projects(draw: st.DrawFn) -> dict[str, str]:
    """Up to five modules; each finds some of those before it, each in another way."""
    count = draw(st.integers(1, 5))
    files = {"tasks.py": _TASKS}
    numbers = st.integers(10, 99)
    for me in range(count):
        imports, terms = [], ["0"]
        for other in draw(st.lists(st.integers(0, me - 1), max_size=2, unique=True)) if me else []:
            statement, term = _link(draw(st.sampled_from(_WAYS)), other, draw(numbers))
            imports.append(statement)
            terms.append(term)
        files[f"part{me}.py"] = _PART.format(
            imports="\n".join(imports),
            number=draw(numbers),
            size=draw(numbers),
            me=me,
            default=draw(numbers),
            terms=" + ".join(terms),
            beside=draw(numbers),
        )
    last = draw(st.lists(st.sampled_from(range(count)), min_size=1, max_size=2, unique=True))
    files["finding.py"] = _FINDING.format(last=[f"part{each}" for each in last])
    return files


def _link(way: str, other: int, number: int) -> tuple[str, str]:
    load = f"finding.module({other})"
    return {
        "registry": ("", f"({load}, finding.REGISTRY[{other}])[1]()"),
        "module": ("", f"{load}.value()"),
        "static": (f"import part{other}", f"part{other}.value()"),
        "evaluated": ("", f"eval('value()', vars({load}))"),
        "attribute": ("", f"getattr({load}, 'NUM' + 'BER')"),
        "subclass": ("", f"({load}, sum(kind.size for kind in finding.Base.__subclasses__()))[1]"),
        "patched": (f"import part{other}\npart{other}.NUMBER = {number}", f"part{other}.value()"),
        "pickled": ("import pickle", f"pickle.loads(b'cpart' + b'{other}' + b'\\nKind\\n)R.').size + ({load} and 0)"),
    }[way]  # fmt: skip


def _edited(files: Mapping[str, str], data: st.DataObject) -> tuple[str, str]:
    """A file, and its text with another number in it."""
    file = data.draw(st.sampled_from(sorted(name for name in files if name.startswith("part"))))
    places = [found.span() for found in re.finditer(r"\b\d\d\b", files[file])]
    start, end = data.draw(st.sampled_from(places))
    new = str(data.draw(st.integers(100, 999)))
    return file, files[file][:start] + new + files[file][end:]


@settings(max_examples=60)
@given(projects(), st.data())
def test_another_value_is_seen(files: dict[str, str], data: st.DataObject) -> None:
    """Where an edit of a number changes the result, the code changes, or what was seen to run does."""
    file, text = _edited(files, data)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), files) as project:
        before, extra = project.known(), project.extra()
        project.edit(file, "", text)
        seen = before != project.known() or bool(project.outdated(extra))
        (value,) = project.results
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), {**files, file: text}) as project:
        project.extra()
        (other,) = project.results
    assert value == other or seen


@settings(max_examples=30)
@given(projects(), st.data())
def test_comments_are_not_seen(files: dict[str, str], data: st.DataObject) -> None:
    """Comments and docstrings of functions leave both the code and what was seen to run as they were."""
    file = data.draw(st.sampled_from(sorted(files)))
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), files) as project:
        before, extra = project.known(), project.extra()
        commented = re.sub(r"(?m)^def (.*):$", r'def \1:  # said\n    "Said."', files[file])
        project.edit(file, "", f"# said\n{commented}")
        assert before == project.known()
        assert set() == project.outdated(extra)
