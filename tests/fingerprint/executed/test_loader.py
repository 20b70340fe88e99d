"""What runs is what was hashed, and loads as Python would have loaded it."""

from __future__ import annotations

import hashlib
import importlib
import importlib.resources
import inspect
import io
import os
import pdb  # noqa: T100  # the debugger is what is tested
import pickle
import pkgutil
import py_compile
import subprocess
import sys
import traceback
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest

from daicho.errors import InputError
from daicho.fingerprint.executed import Loaded, install, watching
from tests.fingerprint.code.project import Imported, write
from tests.fingerprint.executed.running import names, running, seen_of

HELPERS = (
    '"""Helpers."""\n\nimport functools\n\n@functools.wraps(len)\ndef plain(x: int = 1, *, y: str = "a") -> int:\n'
    '    """Plain."""\n    value = x + 1\n    return value\n\n'
    "def fail():\n    # here\n    raise ValueError('why')\n\n"
    "class Thing:\n    '''A thing.'''\n    def method(self):\n        return 1\n"
)


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_stale_pyc_is_not_run(tmp_path: Path) -> None:
    """A file rewritten within its time stamp with the same size runs as it is now, where Python runs the old code."""
    path = tmp_path / "stale.py"
    write(tmp_path, {"stale.py": "X = 1\n"})
    py_compile.compile(str(path), doraise=True)
    stamp = path.stat()
    path.write_text("X = 2\n")
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    trusting = SourceFileLoader("stale", str(path))
    spec = spec_from_loader("stale", trusting)
    assert spec is not None
    module = module_from_spec(spec)
    trusting.exec_module(module)
    with running(tmp_path, {}) as project:
        assert (1, 2) == (module.X, project.load("stale").X)
        assert {str(path): _sha("X = 2\n")} == project.loaded.digests()


def test_no_pyc_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading leaves nothing behind, also where Python would keep its compiled code."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    with running(tmp_path, {"helpers.py": HELPERS}) as project:
        project.load("helpers")
        assert [tmp_path / "helpers.py"] == list(tmp_path.iterdir())


def test_a_file_that_is_not_as_planned_is_refused(tmp_path: Path) -> None:
    """A file edited between planning and its import is not run; the message names it and says what to do."""
    expected = {str(tmp_path / "helpers.py"): _sha(HELPERS)}
    with running(tmp_path, {"helpers.py": HELPERS + "X = 1\n"}, expected) as project:
        with pytest.raises(InputError) as caught:
            project.load("helpers")
        assert (
            "`helpers.py` was edited between planning and starting\nhint: run again: the new plan takes it as it is now"
        ) == str(caught.value)
        assert "helpers" not in sys.modules
        write(tmp_path, {"helpers.py": HELPERS})
        assert "Helpers." == project.load("helpers").__doc__


def test_what_is_imported_already_is_compared_when_asked_again(tmp_path: Path) -> None:
    """A process that holds other code than a new plan was made of cannot run it, and says so at once."""
    with running(tmp_path, {"helpers.py": HELPERS}) as project:
        project.load("helpers")
        write(tmp_path, {"helpers.py": HELPERS + "X = 1\n"})
        with pytest.raises(InputError, match="`helpers.py` was edited after this process had imported it"):
            install([tmp_path], {str(tmp_path / "helpers.py"): _sha(HELPERS + "X = 1\n")})


def test_what_another_loader_has_imported_is_what_its_file_was_then(tmp_path: Path) -> None:
    """A module that was imported before stays what it was, launch for launch, until it is imported anew."""
    write(tmp_path, {"helpers.py": HELPERS, "other.py": ""})
    file, edited = str(tmp_path / "helpers.py"), HELPERS + "X = 1\n"
    with Imported(tmp_path):
        helpers = importlib.import_module("helpers")
        install([tmp_path], {file: _sha(HELPERS)}).remove()
        write(tmp_path, {"helpers.py": edited})
        with pytest.raises(InputError, match="`helpers.py` was edited after"):
            install([tmp_path], {file: _sha(edited)})
        install([tmp_path]).remove()
        importlib.reload(helpers)
        install([tmp_path], {file: _sha(edited)}).remove()


def test_one_for_a_process(tmp_path: Path) -> None:
    """Installing again is the same, also after it was removed: what was compiled is remembered."""
    with running(tmp_path, {"helpers.py": HELPERS}) as project:
        assert project.loaded is install([tmp_path])
        project.load("helpers")
        before = list(sys.meta_path)
        project.loaded.remove()
        assert len(before) - 1 == len(sys.meta_path)
        assert project.loaded is install([tmp_path])
        assert [str(tmp_path / "helpers.py")] == list(project.loaded.digests())


def test_removed_it_leaves_imports_alone(tmp_path: Path) -> None:
    """After `remove` Python's own loader is back."""
    with running(tmp_path, {"helpers.py": HELPERS}) as project:
        project.loaded.remove()
        assert SourceFileLoader is type(project.load("helpers").__loader__)
        assert {} == project.loaded.digests()


def test_only_first_party_modules_are_loaded_here(tmp_path: Path) -> None:
    """What lies in an environment inside the project, or outside of it, is left to Python."""
    installed = tmp_path / "venv" / "lib" / "site-packages"
    outside = tmp_path / "outside"
    write(installed, {"foreign.py": ""})
    write(outside, {"elsewhere.py": ""})
    with running(tmp_path / "project", {"ours.py": ""}) as project, pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(installed))
        patch.syspath_prepend(str(outside))
        project.loaded.start([tmp_path / "project", tmp_path / "venv"], {})
        for name in ("foreign", "elsewhere", "ours"):
            project.load(name)
        assert [str(tmp_path / "project" / "ours.py")] == list(project.loaded.digests())
        for name in ("foreign", "elsewhere"):
            del sys.modules[name]


PACKAGES = {
    "pkg/__init__.py": "from . import inner\nfrom .inner import value\n__all__ = ['value']\n",
    "pkg/inner.py": "from . import deeper\nfrom .deeper.last import NAME\ndef value():\n    return NAME, __name__\n",
    "pkg/deeper/__init__.py": "",
    "pkg/deeper/last.py": "from ..top import TOP\nNAME = __package__[: -TOP]\n",
    "pkg/top.py": "TOP = 2\n",
    "pkg/data.txt": "data",
    "space/one.py": "from space import two\nV = two.V\n",
    "space/two.py": "V = 2\n",
    "stars.py": "from pkg import *\n",
}


def test_packages_are_as_ever(tmp_path: Path) -> None:
    """Packages, namespace packages, relative and star imports and data in packages work."""
    with running(tmp_path, PACKAGES) as project:
        pkg: Any = project.load("pkg")
        assert ("pkg.deep", "pkg.inner") == pkg.value()
        assert 2 == project.load("space.one").V
        assert pkg.value is project.load("stars").value
        assert "data" == importlib.resources.files("pkg").joinpath("data.txt").read_text()
        assert b"data" == pkgutil.get_data("pkg", "data.txt")
        assert {"deeper", "inner", "top"} == {each.name for each in pkgutil.iter_modules(pkg.__path__)}
        assert (str(tmp_path / "pkg/__init__.py"), [str(tmp_path / "pkg")]) == (
            pkg.__file__,
            list(pkg.__path__),
        )
        assert (pkg.__file__, "pkg", True) == (
            pkg.__spec__.origin,
            pkg.__spec__.name,
            pkg.__spec__.has_location,
        )


def test_functions_are_as_they_are_written(tmp_path: Path) -> None:
    """Docstrings, signatures, source texts and pickles are those of the file."""
    with running(tmp_path, {"helpers.py": HELPERS}) as project:
        helpers: Any = project.load("helpers")
        unwrapped = inspect.unwrap(helpers.Thing.method)
        assert "    def method(self):\n        return 1\n" == inspect.getsource(unwrapped)
        assert HELPERS == inspect.getsource(helpers) == helpers.__loader__.get_source("helpers")
        assert ("A thing.", None) == (helpers.Thing.__doc__, helpers.fail.__doc__)
        assert "()" == str(inspect.signature(helpers.fail))
        assert helpers.fail is pickle.loads(pickle.dumps(helpers.fail))
        assert isinstance(pickle.loads(pickle.dumps(helpers.Thing())), helpers.Thing)
        assert isinstance(hash(helpers.fail.__code__), int)


def test_a_traceback_shows_the_users_line(tmp_path: Path) -> None:
    """File, line and text of a traceback are the user's, and the innermost."""
    with running(tmp_path, {"helpers.py": HELPERS}) as project:
        with pytest.raises(ValueError, match="why") as caught:
            project.load("helpers").fail()
        last = traceback.extract_tb(caught.tb)[-1]
        assert (str(tmp_path / "helpers.py"), 13, "raise ValueError('why')") == (
            last.filename,
            last.lineno,
            last.line,
        )


def test_a_syntax_error_names_its_place(tmp_path: Path) -> None:
    """A file that is no Python fails as ever."""
    with running(tmp_path, {"broken.py": "x = 1\nreturn 2\n"}) as project:
        with pytest.raises(SyntaxError) as caught:
            project.load("broken")
        assert (str(tmp_path / "broken.py"), 2) == (caught.value.filename, caught.value.lineno)


def test_reload_runs_the_new_text(tmp_path: Path) -> None:
    """A reloaded module is what its file is now, and what it runs then is seen; so is what is left of the old one."""
    with running(tmp_path, {"helpers.py": "def one():\n    return 1\n"}) as project:
        helpers = project.load("helpers")
        old = helpers.one
        text = "def two():\n    return 2\n\ndef one():\n    return 3\n"
        write(tmp_path, {"helpers.py": text})
        assert helpers is importlib.reload(helpers)
        assert {"one", "two"} == names(seen_of(project, lambda: (old(), helpers.two())))
        assert {str(tmp_path / "helpers.py"): _sha(text)} == project.loaded.digests()


def test_a_breakpoint_stops_in_its_line(tmp_path: Path) -> None:
    """The debugger stops where it was told to, once, and sees the variables."""
    text = "def work(x):\n    '''Doc.'''\n    y = x + 1\n    return y\n"
    with running(tmp_path, {"helpers.py": text}) as project:
        work = project.load("helpers").work
        out, before = io.StringIO(), sys.gettrace()
        debugger = pdb.Pdb(
            stdin=io.StringIO("p x\nnext\np y\ncontinue\n"), stdout=out, nosigint=True, readrc=False
        )
        debugger.use_rawinput = False
        debugger.prompt = ""
        assert debugger.set_break(str(tmp_path / "helpers.py"), 3) is None
        try:
            with watching(project.loaded) as seen:
                assert 5 == debugger.runcall(work, 4)
        finally:
            debugger.clear_all_breaks()
            sys.settrace(before)
        shown = out.getvalue()
        assert ["helpers.py(3)work()", "helpers.py(4)work()"] == [
            line.rpartition("/")[2]
            for line in shown.splitlines()
            if "work()" in line and "--Call--" not in line
        ][-2:]
        assert (["4", "5"], {"work"}) == (
            [line for line in shown.splitlines() if line.isdigit()],
            names(seen),
        )


COVERED = """
import sys
sys.path.insert(0, sys.argv[1])
import coverage
measured = coverage.Coverage(data_file=None, include=[sys.argv[1] + "/*"], branch=False)
measured.start()
from daicho.fingerprint.executed import install, watching
loaded = install([sys.argv[1]])
import helpers
for _ in range(2):
    with watching(loaded) as seen:
        helpers.work(1)
measured.stop()
_, lines, _, missing, _ = measured.analysis2(sys.argv[1] + "/helpers.py")
print(lines, missing, sorted(name for _, name, _ in seen.definitions))
"""


@pytest.mark.parametrize("core", ["ctrace", "sysmon"])
def test_coverage_measures_beside_it(tmp_path: Path, core: str) -> None:
    """Coverage counts the user's lines, no more and no less, while a task is watched; both see all."""
    pytest.importorskip("coverage")
    text = 'def work(x):\n    """Doc."""\n    if x:\n        return helper(x)\n    return 0\n\ndef helper(x): return x\n'
    write(tmp_path, {"helpers.py": text + "\ndef idle():\n    '''Doc.'''\n    return 1\n"})
    environment = {**os.environ, "COVERAGE_CORE": core if sys.version_info >= (3, 12) else "ctrace"}
    done = subprocess.run(
        [sys.executable, "-c", COVERED, str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "[1, 3, 4, 5, 7, 9, 11] [5, 11] ['helper', 'work']\n" == done.stdout, done.stderr


def test_a_finder_of_old_is_passed_over(tmp_path: Path) -> None:
    """A finder without `find_spec` behind ours does not stop an import."""
    with running(tmp_path, {"helpers.py": "X = 1\n"}) as project, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "meta_path", [*sys.meta_path[:1], object(), *sys.meta_path[1:]])
        assert 1 == project.load("helpers").X


def test_nothing_is_expected_of_files_that_planning_did_not_read(tmp_path: Path) -> None:
    """A file that the plan does not know is loaded as it is."""
    with running(tmp_path, {"helpers.py": HELPERS}, {str(tmp_path / "tasks.py"): _sha("")}) as project:
        assert isinstance(project.loaded, Loaded)
        assert "Helpers." == project.load("helpers").__doc__
