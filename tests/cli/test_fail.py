"""What goes wrong, as it is printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from daicho.cli.fail import Problem, of_error
from daicho.errors import (
    ConfigurationError,
    InternalError,
    StoreUnreachableError,
    UnknownTaskError,
    Where,
)

ERRORS = {
    "a hint": UnknownTaskError("there is no task `Trian`", hints=("did you mean `Train`?",)),
    "a place": ConfigurationError(
        "`[RunConfig]` has no key `tsak`",
        where=Where("luigi.toml", 3, "RunConfig.tsak"),
        hints=("did you mean `task`?",),
    ),
    "several lines": ConfigurationError("cannot be read\nline two\n\x1b[2Jline three"),
    "the store": StoreUnreachableError("the store at `http://127.0.0.1:1` does not answer"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors(name: str, snapshot: SnapshotAssertion) -> None:
    """The sentence with its code, the place, then what to do."""
    assert snapshot == "\n".join(line.plain for line in of_error(ERRORS[name]).lines())


def test_colour_only_adds() -> None:
    """Without its colours an error says the same."""
    for error in ERRORS.values():
        for line in of_error(error).lines():
            assert line.plain == "".join(text for text, _ in line.pieces)
            assert "\x1b" not in line.plain


@pytest.mark.parametrize(("expected", "name"), [(2, "a hint"), (2, "a place"), (3, "the store")])
def test_exit_statuses(expected: int, name: str) -> None:
    """An error says with what the command ends."""
    assert expected == of_error(ERRORS[name]).exit_status


def test_a_users_own_mistake_is_not_ours(tmp_path: Path) -> None:
    """What the user's code raises while nothing runs yet is said to be theirs, with the line."""
    problem = of_error(_raised("def requires():\n    return {}['x']\n\nrequires()", tmp_path / "tasks.py"))
    assert ("user-code", 2) == (problem.code, problem.exit_status)
    assert "your own code failed before anything ran: KeyError: 'x'" == problem.message
    assert str(problem.where).endswith("tasks.py:2 in requires")


def test_a_bug_says_so() -> None:
    """What daicho raises without meaning to is a bug of its own, and named with its place."""
    problem = of_error(_raised("from daicho.cli.human import number\nnumber(None)", None))
    assert ("internal", 3) == (problem.code, problem.exit_status)
    assert "this is a bug in daicho: TypeError: must be real number, not NoneType" == problem.message
    assert str(problem.where).startswith("daicho/cli/human.py:")


def test_what_cannot_be_is_a_bug() -> None:
    """An error that we raise where nothing else can have happened is a bug, too."""
    assert (
        "this is a bug in daicho: daicho.errors.InternalError: no such thing"
        == of_error(InternalError("no such thing")).message
    )


def test_a_syntax_error_is_one_sentence(tmp_path: Path) -> None:
    """Of an error that Python draws in several lines the sentence is taken."""
    try:
        compile("def", "x.py", "exec")
    except SyntaxError as error:
        assert "\n" not in of_error(error).message


def test_the_document() -> None:
    """An error is a document, too."""
    document = Problem("usage", "no", "here", ("do",), 2).to_json()
    assert ["schema", "code", "message", "where", "hints", "exit_status", "problems"] == list(document)
    assert document == json.loads(json.dumps(document))


def _raised(source: str, file: Path | None) -> BaseException:
    try:
        exec(compile(source, str(file) if file is not None else "<string>", "exec"), {})
    except Exception as error:
        error.__traceback__ = (
            error.__traceback__.tb_next if error.__traceback__ else None
        )  # not this test's frame
        return error
    raise AssertionError("nothing was raised")
