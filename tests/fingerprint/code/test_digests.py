"""Digests stay what they are: on every Python, under neutral rewriting; and change with every value."""

from __future__ import annotations

import ast
import random
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from daicho.fingerprint.code import SCHEME, Reader
from tests.fingerprint.code.golden import CODE, SOURCE
from tests.fingerprint.code.project import Imported, write


def _digests(files: Mapping[str, str]) -> dict[str, str]:
    """The code of `Trainer` in files that need not run: a class of that name stands for it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root, files)
        kind = type("Trainer", (), {"__module__": "golden_tasks"})
        sys.modules.pop("golden_tasks", None)
        sys.path.insert(0, folder)
        try:
            return Reader([root]).code_of(kind).digests
        finally:
            sys.path.remove(folder)


def test_golden_digests() -> None:
    """All syntax has the digests that it always had; if this fails, raise `SCHEME`, for all keys have changed."""
    digests = _digests({"golden_tasks.py": SOURCE})
    assert CODE == {name.replace("golden_tasks", "tasks"): digest for name, digest in digests.items()}
    assert {SCHEME} == {digest.partition(":")[0] for digest in digests.values()}


NEW_SYNTAX = {
    "golden_tasks:Rows": "fp1:6e860b4b5403740d5d1c0c0bef3df55a",
    "golden_tasks:Trainer": "fp1:d47582b3f0790943c31b1cb8e4674fbf",
    "golden_tasks:first": "fp1:2e86f157b502a34bff515637f11de5f0",
}
NEW_SYNTAX_WHOLE = "fp1:423a1c42803ff22526717738700ad6b9"


def test_new_syntax_is_read_where_python_has_it() -> None:
    """Generic functions and aliases (Python 3.12) have golden digests too; an older Python takes the file whole."""
    source = "type Rows[T] = list[T]\ndef first[T: int, *U, **V](rows: Rows[T]) -> T:\n    return rows[0]\n"
    tail = "class Trainer[T]:\n    def run(self): return first, Rows\n"
    digests = _digests({"golden_tasks.py": source + tail})
    whole = {"golden_tasks:<file>": NEW_SYNTAX_WHOLE}
    assert (NEW_SYNTAX if sys.version_info >= (3, 12) else whole) == digests


# ---------------------------------------------------------------------------------------- random modules

NAMES = ["a", "b", "c", "d", "e", "f"]
NUMBERS = st.integers(-9, 9)


@st.composite
def modules(draw: st.DrawFn) -> dict[str, str]:
    """Three modules of constants and functions; each uses what stands before it, at home or imported."""
    lines: dict[str, list[str]] = {"one": [], "two": [], "golden_tasks": []}
    homes: dict[str, str] = {}
    for name in NAMES:
        home = draw(st.sampled_from(["one", "two"]))
        reachable = [other for other in homes if homes[other] == home or home == "two"]
        terms = [str(draw(NUMBERS))]
        for other in draw(st.lists(st.sampled_from(reachable), max_size=2)) if reachable else []:
            terms.append(_use(draw, other, homes[other], home, lines[home]))
        lines[home].append(_define(draw, name, " + ".join(terms)))
        homes[name] = home
    used = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3))
    terms = [_use(draw, name, homes[name], "golden_tasks", lines["golden_tasks"]) for name in used]
    lines["golden_tasks"].append(
        f"class Trainer:\n    def run(self):\n        return {' - 2 * '.join(terms)}"
    )
    return {f"{module}.py": "\n".join(text) + "\n" for module, text in lines.items()}


def _define(draw: st.DrawFn, name: str, value: str) -> str:
    return draw(st.sampled_from([
        f"def {name}():\n    'Doc.'\n    return {value}",
        f"{name} = lambda: {value}",
        f"def {name}(*, k={value}):\n    return k",
        f"def _{name}():\n    def inner():\n        return {value}\n    return inner\n{name} = _{name}()",
        f"class {name}(int):\n    def __new__(cls):\n        return {value}",
        f"_{name} = [0]\n_{name}[0] = {value}\ndef {name}():\n    return _{name}[0]",
        f"if True:\n    def {name}():\n        return {value}\nelse:\n    {name} = int",
    ]))  # fmt: skip


def _use(draw: st.DrawFn, name: str, home: str, here: str, lines: list[str]) -> str:
    if home == here:
        return f"{name}()"
    way = draw(st.sampled_from(["from", "as", "module", "star", "alias", "getattr", "import_module"]))
    statements = {
        "from": f"from {home} import {name}",
        "as": f"from {home} import {name} as {name}_",
        "module": f"import {home}",
        "star": f"from {home} import *",
        "alias": f"import {home} as m_{home}\n{name}__ = m_{home}.{name}",
        "getattr": f"import {home} as g_{home}",
        "import_module": "import importlib",
    }
    lines.append(statements[way])
    return {
        "from": f"{name}()",
        "as": f"{name}_()",
        "module": f"{home}.{name}()",
        "star": f"{name}()",
        "alias": f"{name}__()",
        "getattr": f"getattr(g_{home}, {name!r} + '')()",
        "import_module": f"importlib.import_module({home!r}).{name}()",
    }[way]


def _value_and_digests(files: Mapping[str, str]) -> tuple[object, dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), files)
        with Imported(Path(folder)) as imported:
            sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
            try:
                kind = imported.kind("Trainer", "golden_tasks")
            finally:
                sys.dont_write_bytecode = before
            return kind().run(), Reader([Path(folder)]).code_of(kind).digests


@settings(max_examples=120)
@given(modules(), st.data())
def test_another_value_is_other_code(files: dict[str, str], data: st.DataObject) -> None:
    """However modules use each other: where an edit of a number changes the result, it changes the code."""
    value, digests = _value_and_digests(files)
    module = data.draw(st.sampled_from([name for name in ("one.py", "two.py") if files[name].strip()]))
    edited = dict(files) | {module: _edit_a_number(files[module], data)}
    other_value, other_digests = _value_and_digests(edited)
    assert value == other_value or digests != other_digests


def _edit_a_number(text: str, data: st.DataObject) -> str:
    tree = ast.parse(text)
    numbers = [
        node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, int) and node.value > 1
    ] or [ast.Constant(0)]  # fmt: skip
    node = data.draw(st.sampled_from(numbers))
    node.value = data.draw(st.integers(20, 99))
    return ast.unparse(tree) + "\n"


@settings(max_examples=80)
@given(modules(), st.randoms(use_true_random=False))
def test_neutral_rewriting_changes_nothing(files: dict[str, str], chance: random.Random) -> None:
    """Comments, blank lines, docstrings, quotes, parentheses, and how Python itself would write it, are no code."""
    rewritten = {name: _rewrite(text, chance) for name, text in files.items()}
    assert _digests(files) == _digests(rewritten)


class _Rewriter(ast.NodeTransformer):
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        if ast.get_docstring(node) is None and self._chance.random() < 0.5:
            node.body.insert(0, ast.Expr(ast.Constant("Another.")))
        elif self._chance.random() < 0.5:
            node.body.append(ast.Pass())
        return node


def _rewrite(text: str, chance: random.Random) -> str:
    tree = ast.fix_missing_locations(_Rewriter(chance).visit(ast.parse(text)))
    if not tree.body:
        return text
    lines = ast.unparse(tree).splitlines() if chance.random() < 0.7 else text.splitlines()
    written = []
    for line in lines:
        if chance.random() < 0.3:
            written.append(chance.choice(["", "# a comment", "\t", "    # indented"]))
        words, _, value = line.partition("return ")
        closed = value.count("(") == value.count(")") and value and not words.strip()
        written.append(f"{words}return (({value}))  # same" if closed else line)
    return "\n".join(written) + "\n"
