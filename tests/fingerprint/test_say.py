"""The user's say in keys: what counts beside the code that is seen, and what is left out of it."""

from __future__ import annotations

import importlib
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.errors import DeclarationError
from daicho.fingerprint.code import Code, Reader
from daicho.fingerprint.identity import Identity, told
from daicho.remembered import Digests
from tests.fingerprint.code.project import Imported, write

FILES = {
    "tasks.py": (
        "import lib.log\nfrom lib import setup as prepare\nfrom lib.rules import limit\n\n"
        "class Base:\n    pass\n\n"
        "class Trainer(Base):\n    uses = {uses}\n    ignores = {ignores}\n    environment = {environment}\n\n"
        "    def run(self):\n        import numpy\n        prepare()\n        lib.log.say(numpy.pi)\n        return limit()\n"
    ),
    "lib/__init__.py": "from lib.log import setup\n",
    "lib/log.py": (
        "from lib.deep import colours\nimport lib.deep\n\nprint('imported')\n\n"
        "def setup():\n    return colours()\n\ndef say(x):\n    return x\n"
    ),
    "lib/deep.py": "def colours():\n    return 1\n",
    "lib/rules.py": "def limit():\n    return 3\n",
    "lib/dynamic.py": (
        "def secret():\n    return helper()\n\ndef helper():\n    return 1\n\n"
        "class Table:\n    def row(self):\n        return 1\n\n"
        "def made(x):\n    def inner():\n        return x\n    return inner\n"
    ),
    "sql/query.sql": "select 1\n",
}


def files(uses: str = "()", ignores: str = "()", environment: str = "()", **others: str) -> dict[str, str]:
    """A project whose trainer says these things."""
    said = FILES["tasks.py"].format(uses=uses, ignores=ignores, environment=environment)
    return {**FILES, "tasks.py": said, **others}


@contextmanager
def identity(
    root: Path, project: Mapping[str, str], policy: str = "record"
) -> Iterator[tuple[Identity, type]]:
    """The identity of what is in a project, and its trainer."""
    write(root, project)
    with Imported(root) as imported:
        yield Identity(Reader([root]), root, Digests(), policy), imported.kind("Trainer")


def code(root: Path, project: Mapping[str, str]) -> Code:
    """The trainer's code."""
    with identity(root, project) as (asked, kind):
        return asked.code_of(kind)


def settings(root: Path, project: Mapping[str, str], policy: str = "record") -> Mapping[str, str]:
    """What is in the trainer's key beside its code."""
    with identity(root, project, policy) as (asked, kind):
        return asked.settings_of(kind)


def gone(root: Path, ignores: str) -> set[str]:
    """What is no longer in the trainer's code when it ignores something."""
    before, after = code(root / "before", files()), code(root / "after", files(ignores=ignores))
    assert after.symbols.keys() <= before.symbols.keys()
    return set(before.symbols) - set(after.symbols)


def test_nothing_said_nothing_added(tmp_path: Path) -> None:
    """A class that says nothing has nothing in its key but code, as ever."""
    assert {} == settings(tmp_path, files())


@pytest.mark.parametrize(
    ("uses", "added"),
    [
        ("('lib.dynamic:secret',)", {"lib.dynamic:secret", "lib.dynamic:helper"}),
        ("('lib.dynamic:Table.row',)", {"lib.dynamic:Table"}),
        (
            "('lib.dynamic',)",
            {"lib.dynamic:secret", "lib.dynamic:helper", "lib.dynamic:Table", "lib.dynamic:made"},
        ),
    ],
)
def test_definitions_are_used(tmp_path: Path, uses: str, added: set[str]) -> None:
    """What is named is part of the code, with all that it can reach; nothing is imported for that."""
    before, after = code(tmp_path / "before", files()), code(tmp_path / "after", files(uses))
    assert added == set(after.symbols) - set(before.symbols)


@pytest.mark.parametrize(
    ("uses", "added"),
    [
        ("tuple(vars(__import__('lib.dynamic').dynamic)[each] for each in ['secret'])", "secret"),
        ("(__import__('functools').partial(__import__('lib.dynamic').dynamic.helper),)", "helper"),
        ("(__import__('lib.dynamic').dynamic.Table().row,)", "Table"),
        ("(__import__('lib.dynamic').dynamic.made(1),)", "made"),
        ("(__import__('lib.dynamic').dynamic,)", "secret"),
    ],
)
def test_objects_are_used(tmp_path: Path, uses: str, added: str) -> None:
    """An object counts by where it was defined, however it was come by."""
    assert f"lib.dynamic:{added}" in code(tmp_path, files(uses)).symbols


def test_files_are_used(tmp_path: Path) -> None:
    """A file counts by its content under its place, and so does a folder."""
    uses = "('sql/query.sql', 'sql')"
    one, same, other = (
        settings(tmp_path / name, files(uses, **{"sql/query.sql": text}))
        for name, text in (("a", "select 1\n"), ("b", "select 1\n"), ("c", "select 2\n"))
    )
    assert ["uses:sql/query.sql", "uses:sql"] == list(one)
    assert one == same
    assert not set(one.items()) & set(other.items())


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        ({"uses": "('sql/querry.sql',)"}, "as a file it is not there", "looked for"),
        ({"uses": "('lib.dynamic:secrets',)"}, "lib/dynamic.py has no `secrets`", "`secret`"),
        ({"uses": "('json:dumps',)"}, "`json` is no module of the project", "environment"),
        ({"uses": "('lib.nothing:x',)"}, "`lib.nothing` is no module of the project", "environment"),
        (
            {"uses": "(__import__('json').dumps,)"},
            "`json.dumps`, which is not the project's own",
            "environment",
        ),
        ({"uses": "(__import__('json'),)"}, "`json`, which is not the project's own code", "environment"),
        ({"ignores": "('lib.log:sey',)"}, "lib/log.py has no `sey`", "`say`"),
        ({"ignores": "('nowhere.log',)"}, "`nowhere.log` is no module of the project", "package.module:name"),
        ({"ignores": "('tasks:Trainer',)"}, "names `tasks:Trainer`: the task itself", ""),
        ({"ignores": "('tasks',)"}, "names `tasks`: the task itself", ""),
    ],
)
def test_what_is_not_there_is_named(tmp_path: Path, said: dict[str, str], message: str, hint: str) -> None:
    """A name that leads nowhere is an error that says which, and what there is."""
    with pytest.raises(DeclarationError) as caught:
        settings(tmp_path, files(**said))
    assert message in caught.value.message
    assert hint in " ".join(caught.value.hints)
    assert "`Trainer." in caught.value.message


def test_a_module_is_ignored(tmp_path: Path) -> None:
    """A module is left out with what it alone leads to; a package with all its modules."""
    deep = {
        "lib.log:setup",
        "lib.log:say",
        "lib.log:<body>",
        "lib.log:colours",
        "lib.deep:colours",
        "lib.log:lib",
    }
    found = gone(tmp_path, "('lib.log',)")
    assert {"lib.log:setup", "lib.log:say", "lib.log:<body>", "lib.deep:colours"} <= found <= deep
    everything = gone(tmp_path / "package", "('lib',)")
    assert {"lib.rules:limit", "lib:setup"} <= everything
    assert all(symbol.startswith("lib") for symbol in everything)


def test_a_definition_is_ignored(tmp_path: Path) -> None:
    """A definition is left out with what it alone leads to; what its module does on import counts still."""
    found = gone(tmp_path, "('lib.log:setup',)")
    assert {"lib.log:setup", "lib.deep:colours"} <= found
    assert not {"lib.log:say", "lib.log:<body>"} & found


def test_a_name_is_ignored_wherever_it_is_taken_from(tmp_path: Path) -> None:
    """A package's name for a definition of one of its modules means that definition."""
    assert "lib.log:setup" in gone(tmp_path, "('lib:setup',)")


def test_what_is_ignored_may_change(tmp_path: Path) -> None:
    """An edit of what is left out changes neither code nor settings, and that it is left out is in the key."""
    edited = FILES["lib/log.py"].replace("return x", "return None")
    before, after = files(ignores="('lib.log',)"), files(ignores="('lib.log',)", **{"lib/log.py": edited})
    assert code(tmp_path / "a", before) == code(tmp_path / "b", after)
    assert {"ignores": "lib.log"} == settings(tmp_path / "c", before)


def test_variables_count_by_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A declared variable counts, set or not; its value is nowhere to be seen."""
    seen: list[Mapping[str, str]] = []
    for value in (None, "", "sesame", "open sesame"):
        if value is None:
            monkeypatch.delenv("DOOR", raising=False)
        else:
            monkeypatch.setenv("DOOR", value)
        seen.append(settings(tmp_path / str(len(seen)), files(environment="('DOOR',)")))
    assert [["environment:DOOR"]] * 4 == [list(each) for each in seen]
    assert 4 == len({each["environment:DOOR"] for each in seen})
    assert "sesame" not in str(seen)


def test_the_environment_counts_by_policy(tmp_path: Path) -> None:
    """By default nothing of it is in the key; Python's minor version, and what the code imports, where asked for."""
    minor = ".".join(platform.python_version_tuple()[:2])
    assert {} == settings(tmp_path / "a", files())
    assert {"python": minor} == settings(tmp_path / "b", files(), "python")
    numpy = pytest.importorskip("numpy")
    expected = {"python": minor, "package:numpy": numpy.__version__}
    assert expected == settings(tmp_path / "c", files(), "packages")


@pytest.mark.parametrize(
    ("name", "then", "now", "expected"),
    [
        ("uses:sql/query.sql", "1", "2", "uses: sql/query.sql changed"),
        ("uses:sql/query.sql", None, "2", "uses: sql/query.sql new"),
        ("uses:sql/query.sql", "1", None, "uses: sql/query.sql no longer"),
        ("environment:LANG", "1", "2", "environment variable LANG changed"),
        ("environment:LANG", None, "2", "environment variable LANG: new"),
        ("ignores", None, "lib.log", "ignores: nothing -> lib.log"),
        ("python", "3.11", "3.12", "Python 3.11 -> 3.12"),
        ("python", None, "3.12", "Python 3.12 counts now"),
        ("package:numpy", "1.0", None, "numpy 1.0 counts no longer"),
        ("package:numpy", "1.0", "2.0", "numpy 1.0 -> 2.0"),
    ],
)
def test_changes_are_told(name: str, then: str | None, now: str | None, expected: str) -> None:
    """Each of these parts of a key says in words what changed."""
    assert expected == told(name, then, now)


@given(st.text(min_size=1), st.text(min_size=1))
def test_no_value_of_a_variable_is_told(then: str, now: str) -> None:
    """Whatever a variable was and is, a reason says only that it changed."""
    assert "environment variable A changed" == told("environment:A", then, now)


def test_a_module_that_only_running_finds_can_be_used(tmp_path: Path) -> None:
    """`uses = ("presets",)` makes all of a module count, its constants too, though no text leads there."""
    said = files(uses="('presets',)", **{"presets.py": "RATE = 1\n\ndef rate():\n    return RATE\n"})
    edited = {**said, "presets.py": said["presets.py"].replace("= 1", "= 2")}
    before, after = code(tmp_path / "a", said), code(tmp_path / "b", edited)
    assert {"presets:RATE"} == {
        name for name in after.digests if before.digests.get(name) != after.digests[name]
    }
    assert not {name for name in code(tmp_path / "c", files()).digests if name.startswith("presets")}


def test_a_class_outside_of_the_project_can_use_its_code(tmp_path: Path) -> None:
    """Of a class from elsewhere its file counts, and what it uses of the project with all that this leads to."""
    write(tmp_path / "project", FILES)
    write(tmp_path / "elsewhere", {"foreign.py": "class Foreign:\n    pass\n"})
    with Imported(tmp_path / "project"), pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(tmp_path / "elsewhere"))
        kind = importlib.import_module("foreign").Foreign
        reader = Reader([tmp_path / "project"])
        plain = reader.code_of(kind)
        used = reader.code_of(kind, uses=("lib.dynamic:secret", "sql/query.sql"))
        with pytest.raises(DeclarationError, match=r"`Foreign.uses` names `lib.no:thing`"):
            reader.code_of(kind, uses=("lib.no:thing",))
    assert ["foreign:<file>"] == list(plain.digests)
    assert {"foreign:<file>", "lib.dynamic:helper", "lib.dynamic:secret"} <= used.digests.keys()
    assert ("sql/query.sql",) == used.files
    outside = "`foreign` lies outside the project's roots: changes of what it uses are not seen"
    assert (outside,) == plain.notes == used.notes
