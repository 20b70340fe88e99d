"""What counts as a task's code: where modules are found, what cannot be followed, what does not matter."""

from __future__ import annotations

import importlib.machinery
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from daicho.errors import DeclarationError
from daicho.fingerprint.code import Code, Reader, Symbol
from tests.fingerprint.code.project import FILES, Imported, changed, code_of, write

TRAINER = "class Trainer:\n    def run(self):\n        return {}\n"


def _with(expression: str, imports: str, files: Mapping[str, str]) -> dict[str, str]:
    """A project whose trainer imports something and evaluates an expression."""
    return {"tasks.py": f"{imports}\n{TRAINER.format(expression)}", **files}


def _keys(root: Path, files: Mapping[str, str]) -> set[str]:
    return set(code_of(root, files).symbols)


def _unlike(tmp_path: Path, before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    """What differs between two versions of a project, in different folders."""
    write(tmp_path / "after", after)  # also what only one of them has
    return changed(code_of(tmp_path / "before", before), code_of(tmp_path / "after", after))


def test_a_symbol_says_where_it_is(tmp_path: Path) -> None:
    """A symbol names its module, its file below the root, and its line."""
    files = _with("helper()", "from pkg.mod import helper", {"pkg/mod.py": "\n\ndef helper():\n    pass\n"})
    symbol = code_of(tmp_path, files).symbols["pkg.mod:helper"]
    assert Symbol("pkg.mod", "helper", "pkg/mod.py", 3, symbol.digest) == symbol


def test_symbols_are_sorted(tmp_path: Path) -> None:
    """Symbols come in the order of their names, whatever was found first."""
    keys = list(code_of(tmp_path, FILES).symbols)
    assert sorted(keys) == keys


def test_the_folder_does_not_matter(tmp_path: Path) -> None:
    """A checkout in another folder has the same code, down to the symbols."""
    assert code_of(tmp_path / "a", FILES) == code_of(tmp_path / "b" / "c", FILES)


def test_files_are_those_that_were_read(tmp_path: Path) -> None:
    """The reader tells which files it looked at; what is not reached is not read."""
    files = _with(
        "helper()", "from used import helper", {"used.py": "def helper(): pass\n", "unused.py": "x = 1\n"}
    )
    write(tmp_path, files)
    with Imported(tmp_path) as imported:
        reader = Reader([tmp_path])
        reader.code_of(imported.kind("Trainer"))
    assert (tmp_path / "tasks.py", tmp_path / "used.py") == reader.files()


def test_nothing_is_imported(tmp_path: Path) -> None:
    """A module that is imported inside a function is read, not imported."""
    files = {
        "tasks.py": "class Trainer:\n    def run(self):\n        import loud\n        return loud.value()\n",
        "loud.py": "raise SystemExit('imported')\ndef value(): pass\n",
    }
    assert {"tasks:Trainer", "loud:value", "loud:<body>"} == _keys(tmp_path, files)


@pytest.mark.parametrize(
    ("imports", "files", "key"),
    [
        ("from deep.er import helper", {"deep/er.py": "def helper(): pass\n"}, "deep.er:helper"),
        ("from deep import er\nhelper = er.helper", {"deep/er.py": "def helper(): pass\n"}, "deep.er:helper"),
        ("import deep.er\nhelper = deep.er.helper", {"deep/er.py": "def helper(): pass\n"}, "deep.er:helper"),
        ("import deep.er as e\nhelper = e.helper", {"deep/er.py": "def helper(): pass\n"}, "deep.er:helper"),
        (
            "from pkg import helper",
            {"pkg/__init__.py": "from ._in import *\n", "pkg/_in.py": "from .a.b import helper\n", "pkg/a/b.py": "helper = 1\n"},
            "pkg.a.b:helper",
        ),
        (
            "from pkg.a import helper",
            {"pkg/__init__.py": "", "pkg/a/__init__.py": "from ..b import helper\n", "pkg/b.py": "helper = 1\n"},
            "pkg.b:helper",
        ),
        (
            "try:\n    from missing_one import helper\nexcept ImportError:\n    from here import helper",
            {"here.py": "helper = 1\n"},
            "here:helper",
        ),
    ],
)  # fmt: skip
def test_imports_lead_to_the_definition(
    tmp_path: Path, imports: str, files: Mapping[str, str], key: str
) -> None:
    """Dotted, relative, re-exported, star and conditional imports all lead to where a name is defined."""
    assert key in _keys(tmp_path, _with("helper", imports, files))


def test_src_is_no_package(tmp_path: Path) -> None:
    """A project below `src` has the names that its modules are imported by."""
    write(tmp_path, {f"src/{name}": text for name, text in FILES.items()})
    with Imported(tmp_path / "src") as imported:
        code = Reader([tmp_path]).code_of(imported.kind("Trainer"))
    assert "src/lib/inner.py" == code.symbols["lib.inner:thing"].file


def test_two_files_of_one_name_stay_apart(tmp_path: Path) -> None:
    """`src/helpers.py` does not hide behind `helpers.py`."""
    files = _with("first(), second()", "from helpers import first\nfrom src.helpers import second", {
        "helpers.py": "def first(): pass\n", "src/helpers.py": "def second(): pass\n",
    })  # fmt: skip
    assert {"helpers:first", "src.helpers:second"} < _keys(tmp_path, files)


def test_a_second_root_is_first_party(tmp_path: Path) -> None:
    """Code below a configured root counts; without it, it is named as unseen."""
    write(
        tmp_path,
        {
            "app/tasks.py": f"import shared\n{TRAINER.format('shared.f()')}",
            "libs/shared.py": "def f(): pass\n",
        },
    )
    with Imported(tmp_path / "libs"), Imported(tmp_path / "app") as imported:
        trainer = imported.kind("Trainer")
        both = Reader([tmp_path / "app", tmp_path / "libs"]).code_of(trainer)
        one = Reader([tmp_path / "app"]).code_of(trainer)
    assert ("shared.py", ()) == (both.symbols["shared:f"].file, both.notes)
    assert ("`shared` lies outside the project's roots: changes of what it uses are not seen",) == one.notes


@pytest.mark.parametrize("folder", ["venv/lib", "site-packages", "lib/dist-packages"])
def test_what_is_installed_is_not_first_party(tmp_path: Path, folder: str) -> None:
    """Packages and environments below the root are not the project's code; what they are called is told."""
    write(
        tmp_path,
        {
            "tasks.py": f"import thing\n{TRAINER.format('thing.f()')}",
            f"{folder}/thing.py": "def f(): pass\n",
            "venv/pyvenv.cfg": "",
        },
    )
    with Imported(tmp_path / folder), Imported(tmp_path) as imported:
        code = Reader([tmp_path]).code_of(imported.kind("Trainer"))
    assert ({"tasks:Trainer", "tasks:thing"}, ("thing",)) == (set(code.symbols), code.foreign)


def test_a_linked_package_counts_where_it_stands(tmp_path: Path) -> None:
    """A package that is a link to elsewhere is the project's, and its content counts."""
    write(
        tmp_path,
        {
            "elsewhere/f.py": "def f(): pass\n",
            "app/tasks.py": f"from linked import f\n{TRAINER.format('f.f()')}",
        },
    )
    (tmp_path / "app/linked").symlink_to(tmp_path / "elsewhere")
    with Imported(tmp_path / "app") as imported:
        assert "linked.f:f" in Reader([tmp_path / "app"]).code_of(imported.kind("Trainer")).symbols


def test_an_extension_counts_by_its_bytes(tmp_path: Path) -> None:
    """A built extension of the project is code, as a whole."""
    name = "fast" + importlib.machinery.EXTENSION_SUFFIXES[0]
    body = "class Trainer:\n    def run(self):\n        import fast\n        return fast.f()\n"
    before, after = ({"tasks.py": body, name: text} for text in ("one", "two"))
    assert {"fast:<file>"} == _unlike(tmp_path, before, after)


def test_a_file_that_is_no_python_counts_as_a_whole(tmp_path: Path) -> None:
    """What cannot be parsed counts by its bytes, and is named."""
    body = "class Trainer:\n    def run(self):\n        from odd import f\n        return f()\n"
    code = code_of(tmp_path, {"tasks.py": body, "odd.py": "print 1\n"})
    assert {"odd:<file>", "tasks:Trainer"} == set(code.symbols)
    assert ("odd.py cannot be read as Python: all of it counts, what it uses does not",) == code.notes


def test_long_sums_are_no_problem(tmp_path: Path) -> None:
    """An expression of 2,000 terms is read, and each of them counts."""
    terms = ["x"] * 2000
    before = _with("total", "x = y = 1\ntotal = " + " + ".join(terms), {})
    after = _with("total", "x = y = 1\ntotal = " + " + ".join([*terms[:-1], "y"]), {})
    assert {"tasks:total", "tasks:y"} == _unlike(tmp_path, before, after)


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("importlib.import_module(self.name)", "imports a module by a name that is only known at run time"),
        ("__import__(f'{self}')", "imports a module by a name that is only known at run time"),
        ("eval(self.text)", "runs code that is only known at run time"),
        ("sys.modules[self.name]", "looks a module up in `sys.modules`"),
    ],
)
def test_what_cannot_be_followed_is_noted(tmp_path: Path, line: str, note: str) -> None:
    """Code that is only known at run time is named with file and line."""
    assert (f"tasks.py:4 {note}",) == code_of(tmp_path, _with(line, "import importlib, sys", {})).notes


@pytest.mark.parametrize("line", ["eval('helper()')", "globals()['hel' + 'per']()", "sys.modules[__name__]"])
def test_what_can_be_followed_is_not_noted(tmp_path: Path, line: str) -> None:
    """Text that is evaluated, and looking into one's own module, are followed."""
    code = code_of(tmp_path, _with(line, "import sys\ndef helper(): pass", {}))
    assert ((), True) == (code.notes, "tasks:helper" in code.symbols)


def test_docstrings_count_where_they_are_read(tmp_path: Path) -> None:
    """Where the code reads docstrings, they are code."""
    before = _with("prompt.__doc__", "def prompt():\n    'Answer.'", {})
    after = _with("prompt.__doc__", "def prompt():\n    'Ask.'", {})
    assert {"tasks:prompt"} == _unlike(tmp_path, before, after)


def test_local_names_are_not_global_ones(tmp_path: Path) -> None:
    """A parameter or local variable is not the function of the same name."""
    text = "def data(): pass\ndef total(): pass\ndef x(): pass\ndef used(data):\n    total = [x for x in data]\n    return total\n"
    assert {"tasks:Trainer", "tasks:used"} == _keys(tmp_path, _with("used([])", text, {}))


def test_a_comprehension_has_names_of_its_own(tmp_path: Path) -> None:
    """A name that only a comprehension binds is the module's outside of it."""
    files = _with("used([])", "def x(): pass\ndef used(rows):\n    return [x for x in rows], x\n", {})
    assert "tasks:x" in _keys(tmp_path, files)


def test_defaults_are_reached(tmp_path: Path) -> None:
    """What stands as the default of an argument, by place or by name, belongs to the function."""
    text = "one = 1\ntwo = 2\ndef used(a=one, *, b=two):\n    return a + b\n"
    assert {"tasks:Trainer", "tasks:used", "tasks:one", "tasks:two"} == _keys(
        tmp_path, _with("used()", text, {})
    )


def test_a_comprehension_starts_outside(tmp_path: Path) -> None:
    """What a comprehension goes over is not yet its own variable."""
    files = _with("used()", "x = [1]\ndef used():\n    return [x for x in x]\n", {})
    assert "tasks:x" in _keys(tmp_path, files)


def test_methods_do_not_see_the_names_of_their_class(tmp_path: Path) -> None:
    """A name in a method is the module's, although the class has an attribute of that name."""
    text = "def total(): pass\nclass Trainer:\n    def total(self):\n        return total()\n"
    assert {"tasks:Trainer", "tasks:total"} == _keys(tmp_path, {"tasks.py": text})


def test_a_module_as_a_value_has_what_it_took_from_elsewhere(tmp_path: Path) -> None:
    """Of a module whose attributes are computed all counts, also what it imported by a star."""
    files = {"plugins.py": "from more import *\n", "more.py": "def one(): pass\n"}
    assert "more:one" in _keys(tmp_path, _with("getattr(plugins, self.name)", "import plugins", files))


def test_a_registry_in_the_same_module_is_followed(tmp_path: Path) -> None:
    """What is decorated with an attribute of something that is reached is reached too."""
    text = "class Table(dict):\n    def add(self, f): pass\ntable = Table()\n@table.add\ndef entry(): pass\n"
    assert "tasks:entry" in _keys(tmp_path, _with("table['entry']()", text, {}))


def test_a_class_made_in_a_function_brings_its_module(tmp_path: Path) -> None:
    """Of a class that a function made, the whole module counts: who called it with what cannot be told."""
    text = "def make(n):\n    class Trainer:\n        value = n\n    return Trainer\nTrainer = make(3)\n"
    after = text.replace("make(3)", "make(4)")
    assert {"tasks:Trainer"} == _unlike(tmp_path, {"tasks.py": text}, {"tasks.py": after})


@pytest.mark.parametrize("base", ["luigi.Task", "from_here.Own", "installed.Based"])
def test_dependencies_are_known_by_their_bases(tmp_path: Path, base: str) -> None:
    """A dependency is not followed, whether its class derives from Luigi's directly, by ours, or by an installed one."""
    write(tmp_path, {
        "from_here.py": "import luigi\nclass Own(luigi.Task): pass\n",
        "site-packages/installed.py": "import luigi\nclass Based(luigi.Task): pass\n",
        "tasks.py": f"import luigi, installed, from_here\nclass First({base}): pass\n"
        "class Trainer(luigi.Task):\n    first: 'list[First]'\n    def requires(self):\n        return self.clone(First)\n",
    })  # fmt: skip
    with Imported(tmp_path / "site-packages"), Imported(tmp_path) as imported:
        assert "tasks:First" not in Reader([tmp_path]).code_of(imported.kind("Trainer")).symbols


@pytest.mark.parametrize(
    "body",
    [
        "first = First()",
        "first: First = First(seed=1)",
        "def requires(self):\n        return [First(seed=n) for n in range(3)]",
        "def requires(self):\n        yield First()",
        "def run(self, first: First = None):\n        other: 'First' = first",
    ],
)
def test_naming_a_dependency_does_not_reach_it(tmp_path: Path, body: str) -> None:
    """A dependency's class may be named in annotations, defaults and `requires()` and is still not the task's code."""
    text = f"import luigi\nclass First(luigi.Task):\n    seed = luigi.IntParameter(0)\nclass Trainer(luigi.Task):\n    {body}\n"
    assert not any("First" in key for key in _keys(tmp_path, {"tasks.py": text}))


@pytest.mark.parametrize("body", ["return isinstance(self, First)", "return First().run()", "return [First]"])
def test_using_a_task_class_reaches_it(tmp_path: Path, body: str) -> None:
    """A task class that `run()` uses as a value is the task's code, for what is done with it cannot be told."""
    text = f"import luigi\nclass First(luigi.Task):\n    pass\nclass Trainer(luigi.Task):\n    def run(self):\n        {body}\n"
    assert "tasks:First" in _keys(tmp_path, {"tasks.py": text})


def test_inherited_methods_see_the_dependencies_of_a_subclass(tmp_path: Path) -> None:
    """A method of a base that calls one of a dependency reaches it, though only the subclass declares that."""
    text = (
        "import luigi\nclass First(luigi.Task):\n    def size(self): return 1\n    def run(self): pass\n"
        "class Base(luigi.Task):\n    def run(self): return self.first.size()\n"
        "class Trainer(Base):\n    first: First\n"
    )
    keys = _keys(tmp_path, {"tasks.py": text})
    assert {"tasks:First.size"} == {key for key in keys if key.startswith("tasks:First")}


def test_a_class_without_source_is_refused(tmp_path: Path) -> None:
    """A class that was made by `exec` is named, with what to do."""
    names: dict[str, type] = {"__name__": "nowhere"}  # type: ignore[dict-item]  # as a module's names
    exec("class Trainer:\n    def run(self): pass\n", names)
    with pytest.raises(DeclarationError) as raised:
        Reader([tmp_path]).code_of(names["Trainer"])
    assert "`nowhere.Trainer`" in str(raised.value)
    assert ("put the class into a file that is imported",) == raised.value.hints


def test_a_class_from_elsewhere_counts_by_its_file(tmp_path: Path) -> None:
    """A task class that is not first-party counts by the bytes of its file, and says so."""
    write(tmp_path, {"libs/other.py": TRAINER.format(1)})
    with Imported(tmp_path / "libs") as imported:
        code = Reader([tmp_path / "app"]).code_of(imported.kind("Trainer", "other"))
    assert (["other:<file>"], ("other",)) == (list(code.symbols), code.foreign)


def _run(root: Path, script: str, *arguments: str, seed: str = "0") -> str:
    environment = {"PYTHONPATH": ":".join([str(root), *filter(None, sys.path)]), "PYTHONHASHSEED": seed}
    program = [sys.executable, *arguments] if arguments else [sys.executable, "-c", dedent(script)]
    return subprocess.run(
        program, env=environment, cwd=root, capture_output=True, text=True, check=True
    ).stdout


def test_a_script_is_its_module(tmp_path: Path) -> None:
    """A task has the same code whether its file is run or imported, in every process and with every hash seed."""
    tail = "\nif __name__ == '__main__':\n    import pathlib, daicho.fingerprint.code as code\n    print(code.Reader([pathlib.Path()]).code_of(Trainer).digests)\n"
    write(
        tmp_path,
        _with(
            "helper({1, 'a', 'b'})",
            "from used import helper",
            {"used.py": "def helper(x): return {'c', 'd'}\n"},
        ),
    )
    (tmp_path / "tasks.py").write_text((tmp_path / "tasks.py").read_text() + tail)
    run = _run(tmp_path, "", "tasks.py", seed="1")
    imported = _run(tmp_path, """
        import pathlib, tasks, daicho.fingerprint.code as code
        print(code.Reader([pathlib.Path()]).code_of(tasks.Trainer).digests)
    """, seed="2")  # fmt: skip
    assert imported == run
    assert "'used:helper'" in run


NOTEBOOK = """
    import pathlib, linecache, daicho.fingerprint.code as code
    In = ["", {cells}]
    for number, cell in enumerate(In):
        name = f"/tmp/ipykernel/{{number}}.py"
        linecache.cache[name] = (len(cell), None, cell.splitlines(True), name)
        if not cell.startswith("%"):
            exec(compile(cell, name, "exec"))
    print(sorted(code.Reader([pathlib.Path()]).code_of(Trainer).digests.items()))
"""


def _notebook(root: Path, *cells: str) -> str:
    return _run(root, NOTEBOOK.format(cells=", ".join(map(repr, cells))))


def test_a_notebook_is_read_from_its_cells(tmp_path: Path) -> None:
    """In a notebook the cells that were run are the source; a cell that was run again replaces its earlier text."""
    task = TRAINER.format("helper()")
    first = _notebook(tmp_path, "%time", "def helper():\n    return 1\n", task, "sorted([])")
    again = _notebook(
        tmp_path, "def helper():\n    return 2\n", task, "def helper():\n    return 1  # again\n"
    )
    other = _notebook(tmp_path, "def helper():\n    return 2\n", task)
    assert first == again
    assert first != other
    assert "__main__:helper" in first


def test_code_is_a_value() -> None:
    """Two descriptions of the same code are equal, and their digests are a plain dictionary."""
    symbol = Symbol("m", "f", "m.py", 1, "fp1:0")
    assert Code({"m:f": symbol}, ()) == Code({"m:f": symbol}, ())
    assert {"m:f": "fp1:0"} == Code({"m:f": symbol}, ()).digests
