"""The user's modules: where they are looked for, what is said when they cannot be imported, and tasks by name."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from daicho.errors import ProjectError, UnknownTaskError
from daicho.task.find import import_paths, is_first_party, known_tasks, load, task_class

TASK = "from daicho import Task\nclass {name}(Task):\n    x: int = 1\n"


def _write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / (name.replace("__", "/").replace("/init", "/__init__") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))


def test_tasks_are_in_the_module_tasks(tmp_path: Path) -> None:
    """Without a word of configuration, the module `tasks` beside the file is imported."""
    _write(tmp_path, tasks=TASK.format(name="Found"))
    assert ("tasks",) == load(tmp_path, ())
    assert ["Found"] == [kind.__name__ for kind in known_tasks(tmp_path)]
    assert task_class("Found", tmp_path) is known_tasks(tmp_path)[0]


def test_tasks_may_lie_under_src(tmp_path: Path) -> None:
    """The folder `src` of a project is looked in, too."""
    _write(tmp_path, src__tasks=TASK.format(name="Under"))
    assert (tmp_path, tmp_path / "src") == import_paths(tmp_path)
    load(tmp_path, ())
    assert "Under" == task_class("Under", tmp_path).__name__


def test_a_package_is_imported_whole(tmp_path: Path) -> None:
    """Of a package all modules are imported, at any depth."""
    _write(
        tmp_path,
        tasks__init="",
        tasks__one=TASK.format(name="One"),
        tasks__deep__init="",
        tasks__deep__two=TASK.format(name="Two"),
    )
    assert ("tasks", "tasks.deep", "tasks.deep.two", "tasks.one") == tuple(sorted(load(tmp_path, ())))
    assert {"One", "Two"} == {kind.__name__ for kind in known_tasks(tmp_path)}


def test_other_modules_can_be_named(tmp_path: Path) -> None:
    """Configuration may name modules; then `tasks` is none of them."""
    _write(
        tmp_path, tasks="1/0", flow=TASK.format(name="Flow"), pkg__init="", pkg__mod=TASK.format(name="Mod")
    )
    assert ("flow", "pkg.mod") == load(tmp_path, ("flow", "pkg.mod"))
    assert {"Flow", "Mod"} == {kind.__name__ for kind in known_tasks(tmp_path)}


def test_loading_twice_is_loading_once(tmp_path: Path) -> None:
    """A second load changes neither classes nor the import path."""
    _write(tmp_path, tasks=TASK.format(name="Once"))
    load(tmp_path, ())
    before, paths = task_class("Once", tmp_path), list(sys.path)
    load(tmp_path, ())
    assert before is task_class("Once", tmp_path)
    assert paths == sys.path


@pytest.mark.parametrize("name", ["missing_tasks", "missing.tasks", "a..b"])
def test_a_missing_module_is_named(tmp_path: Path, name: str) -> None:
    """A module that is not there is an error with both ways out."""
    with pytest.raises(ProjectError, match=r"there is no module `.*` in `") as caught:
        load(tmp_path, (name,))
    assert str(tmp_path) in caught.value.message
    assert f"{name.replace('.', '/')}.py" in caught.value.hints[0]
    assert "[daicho] tasks" in caught.value.hints[1]


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("import os\n\n1 / 0\n", "`tasks` cannot be imported: ZeroDivisionError: division by zero", 3),
        ("x = 1\nimport no_such_library\n", "`tasks` cannot be imported: ModuleNotFoundError: No module named 'no_such_library'", 2),
        ("def f(:\n    pass\n", "`tasks` cannot be imported: SyntaxError: invalid syntax (tasks.py, line 1)", 1),
    ],
)  # fmt: skip
def test_a_module_that_fails_is_named_with_its_line(
    tmp_path: Path, text: str, message: str, line: int
) -> None:
    """What goes wrong while a module is imported is one sentence, with the user's own line, not ours."""
    _write(tmp_path, tasks=text)
    with pytest.raises(ProjectError) as caught:
        load(tmp_path, ())
    assert message == caught.value.message
    assert f"tasks.py:{line}" == str(caught.value.where)
    assert isinstance(caught.value.__cause__, Exception)


def test_the_line_is_that_of_the_module_at_fault(tmp_path: Path) -> None:
    """Where one module of the user's imports another, the innermost line of theirs is shown."""
    _write(tmp_path, tasks="import inner_part\n", inner_part="\n\nint('x')\n")
    with pytest.raises(ProjectError, match="ValueError") as caught:
        load(tmp_path, ())
    assert "inner_part.py:3" == str(caught.value.where)


def test_a_mistake_in_a_class_stays_what_it_is(tmp_path: Path) -> None:
    """A class that cannot work is reported as that, not as a failed import."""
    from daicho.errors import DeclarationError

    _write(tmp_path, tasks="from daicho import Task\nclass Bad(Task):\n    run: int\n")
    with pytest.raises(DeclarationError, match=r"`Bad.run` would hide"):
        load(tmp_path, ())


def test_an_unknown_task_is_named_with_the_nearest(tmp_path: Path) -> None:
    """A misspelt name brings the nearest, one like no other the names that there are."""
    _write(tmp_path, tasks=TASK.format(name="Trainer") + TASK.format(name="Prediction"))
    load(tmp_path, ())
    with pytest.raises(UnknownTaskError, match="there is no task `Trianer`") as caught:
        task_class("Trianer", tmp_path)
    assert ("did you mean `Trainer`?",) == caught.value.hints
    with pytest.raises(UnknownTaskError) as caught:
        task_class("zzz", tmp_path)
    assert ("there are: `Prediction`, `Trainer`",) == caught.value.hints


def test_a_name_that_is_not_clear_is_refused(tmp_path: Path) -> None:
    """A bare name of two classes is refused with both modules; the family of one of them is clear."""
    spaced = "from daicho import Task\nclass Same(Task):\n    task_namespace = '{space}'\n"
    _write(tmp_path, one=spaced.format(space="one"), two=spaced.format(space="two"))
    load(tmp_path, ("one", "two"))
    with pytest.raises(UnknownTaskError) as caught:
        task_class("Same", tmp_path)
    assert "several task classes are called `Same`: in `one`, `two`" == caught.value.message
    assert "task_namespace" in caught.value.hints[0]
    assert "one" == task_class("one.Same", tmp_path).__module__


def test_a_family_comes_before_a_bare_name(tmp_path: Path) -> None:
    """A name that is one class's family and another's bare name means the first."""
    _write(
        tmp_path, one=TASK.format(name="Same"), two=TASK.format(name="Same") + "    task_namespace = 'two'\n"
    )
    load(tmp_path, ("one", "two"))
    assert "one" == task_class("Same", tmp_path).__module__


def test_two_families_of_one_name_are_not_clear(tmp_path: Path) -> None:
    """Two modules that define the same family: neither is taken silently."""
    _write(tmp_path, one=TASK.format(name="Same"), two=TASK.format(name="Same"))
    load(tmp_path, ("one", "two"))
    with pytest.raises(UnknownTaskError, match="in `one`, `two`"):
        task_class("Same", tmp_path)


def test_tasks_of_others_are_not_ours(tmp_path: Path) -> None:
    """Tasks of Luigi, of daicho's tests, or of installed packages are not the project's."""
    _write(tmp_path, tasks=TASK.format(name="Mine"), **{"site-packages__theirs": TASK.format(name="Theirs")})
    load(tmp_path, ())
    sys.path.insert(0, str(tmp_path / "site-packages"))
    load(tmp_path, ("theirs",))
    assert ["Mine"] == [kind.__name__ for kind in known_tasks(tmp_path)]
    assert is_first_party("tasks", tmp_path)
    assert not is_first_party("theirs", tmp_path)
    assert not is_first_party("luigi", tmp_path)
    assert not is_first_party("no_such_module", tmp_path)


def test_a_class_that_was_defined_anew_is_the_newest(tmp_path: Path) -> None:
    """A module that is executed again (a notebook does) replaces its classes."""
    _write(tmp_path, tasks=TASK.format(name="Again"))
    load(tmp_path, ())
    old = task_class("Again", tmp_path)
    exec(compile((tmp_path / "tasks.py").read_text(), "tasks.py", "exec"), vars(sys.modules["tasks"]))
    assert task_class("Again", tmp_path) is sys.modules["tasks"].Again is not old
