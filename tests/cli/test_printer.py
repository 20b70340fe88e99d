"""What a stream is, what was chosen, and the one document."""

from __future__ import annotations

import io
import json
import os
import pty
from collections.abc import Iterator
from typing import TextIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.cli.line import line
from daicho.cli.printer import Answer, Choices, Printer, Screen, When, portable

VARIABLES = ("NO_COLOR", "FORCE_COLOR", "TERM", "CI", "COLUMNS")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the terminal is set."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def terminal() -> Iterator[TextIO]:
    """A real terminal."""
    master, slave = pty.openpty()
    with open(slave, "w", encoding="utf-8") as stream:
        yield stream
    os.close(master)


@pytest.mark.parametrize(
    ("expected", "color", "variables"),
    [
        (False, "auto", {}),
        (True, "always", {"NO_COLOR": "1"}),
        (False, "never", {"FORCE_COLOR": "1"}),
        (True, "auto", {"FORCE_COLOR": "1"}),
        (False, "auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}),
        (False, "auto", {"FORCE_COLOR": ""}),
        (True, "auto", {"FORCE_COLOR": "1", "NO_COLOR": ""}),
    ],
)
def test_colour_in_a_pipe(
    expected: bool, color: When, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The option goes before NO_COLOR, that before FORCE_COLOR; empty variables do not count."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert expected == Screen.of(io.StringIO(), color).color


@pytest.mark.parametrize(
    ("expected", "variables"),
    [(True, {}), (False, {"NO_COLOR": "1"}), (False, {"TERM": "dumb"}), (True, {"CI": "true"})],
)
def test_colour_on_a_terminal(
    expected: bool, variables: dict[str, str], terminal: TextIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal has colour, unless it is dumb or somebody asked for none."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert expected == Screen.of(terminal, "auto").color


@pytest.mark.parametrize(
    ("expected", "variables"),
    [(True, {}), (True, {"NO_COLOR": "1"}), (False, {"TERM": "dumb"}), (False, {"CI": "true"})],
)
def test_drawing(
    expected: bool, variables: dict[str, str], terminal: TextIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a terminal is drawn on, and not in CI or where it is dumb."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert expected == Screen.of(terminal, "auto").live
    assert not Screen.of(io.StringIO(), "always").live


def test_only_a_terminal_has_a_width(terminal: TextIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe has none; a terminal that does not say has 80 columns."""
    monkeypatch.setenv("COLUMNS", "60")
    assert Screen.of(io.StringIO(), "auto").width is None
    assert 60 == Screen.of(terminal, "auto").width
    monkeypatch.delenv("COLUMNS")
    assert 80 == Screen.of(terminal, "auto").width


def test_a_closed_stream_is_nowhere() -> None:
    """Where the process has no stdout, what is printed is lost, and nothing else."""
    Screen.of(None, "auto").put([line("x")])


def test_an_old_encoding_gets_signs_that_it_has() -> None:
    """Marks have stand-ins, other characters are spelt."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, "ascii")
    Screen(stream).put([line("✓ 台 → …")])
    stream.detach()
    assert b"+ \\u53f0 -> ...\n" == raw.getvalue()


def test_a_reader_that_went_away_is_no_error() -> None:
    """Whoever closed the other end of a pipe hears nothing of it."""
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w", encoding="utf-8") as stream:
        screen = Screen(stream)
        screen.put([line("x" * 100_000)])
        screen.put([line("y")])


@given(JSON)
def test_every_document_is_json(value: object) -> None:
    """Numbers that JSON lacks become texts, and broken characters do not break the document."""
    text = json.dumps(portable(value), allow_nan=False, ensure_ascii=False)
    text.encode()
    assert text == json.dumps(json.loads(text), allow_nan=False, ensure_ascii=False)


def test_what_json_lacks() -> None:
    """The three numbers that JSON lacks have MLflow's names."""
    values = [float("nan"), float("inf"), float("-inf"), 1.5]
    assert ["NaN", "Infinity", "-Infinity", 1.5] == portable(values)


@pytest.mark.parametrize(
    ("out", "err", "choices"),
    [
        ("result\n", "warning: careful\nnext: daicho ui\n", Choices()),
        ("", "warning: careful\n", Choices(quiet=True)),
        ('{\n  "schema": "x/1"\n}\n', "warning: careful\n", Choices(json=True)),
        ('{\n  "schema": "x/1"\n}\n', "warning: careful\n", Choices(json=True, quiet=True, verbose=True)),
    ],
    ids=["usual", "quiet", "json", "json with flags"],
)
def test_answers(out: str, err: str, choices: Choices) -> None:
    """The result goes to stdout, what belongs beside it to stderr; no flag changes a document."""
    screens = Screen(io.StringIO()), Screen(io.StringIO())
    answer = Answer(
        {"schema": "x/1"},
        lambda screen: [line("result")],
        next="daicho ui",
        warnings=("careful",),
        chatty=True,
    )
    Printer(choices, *screens).answer(answer)
    assert (out, err) == tuple(screen.stream.getvalue() for screen in screens)  # type: ignore[attr-defined]
