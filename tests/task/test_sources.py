"""Sources: files and folders from outside, whose place can be configured and whose content counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from daicho import Source, Task, source
from daicho.errors import DaichoError, DeclarationError, ParameterError, SourceError
from tests.task.conftest import Configure


class Reader(Task):
    raw: Source = source("input/raw.csv")
    notes: Source = source("input/notes", format="text")
    remote: Source = source("s3://bucket/x.parquet", version="2024-05-01")


class Other(Reader):
    raw = "input/other.csv"  # type: ignore[assignment]


def test_a_source_lies_below_the_project(tmp_path: Path) -> None:
    """A relative place is looked for in the project's folder, an absolute one where it says."""
    assert tmp_path / "input/raw.csv" == Reader.configured().raw.path
    assert Path("/data/x.csv") == Reader.configured(raw="/data/x.csv").raw.path


def test_a_source_is_loaded_by_its_format(tmp_path: Path) -> None:
    """The suffix tells the format, or else the declaration; and the file can be opened."""
    (tmp_path / "input").mkdir()
    (tmp_path / "input/raw.csv").write_text("a,b\n1,2\n")
    (tmp_path / "input/notes").write_text("ä\n")
    task = Reader.configured()
    assert [[1, 2]] == task.raw.load().to_numpy().tolist()
    assert "ä\n" == task.notes.load()
    with task.notes.open() as text, task.notes.open("rb") as raw:
        assert ("ä\n", "ä\n".encode()) == (text.read(), raw.read())


@pytest.mark.parametrize("mode", ["w", "a", "r+", "wb", "x"])
def test_a_source_is_never_written(mode: Any) -> None:
    """A source can be opened only for reading."""
    with pytest.raises(ValueError, match="only read"):
        Reader.configured().raw.open(mode)


def test_a_place_can_be_configured(configure: Configure) -> None:
    """File, command line and caller can move a source; format and version stay as declared."""
    configure("[Reader]\nraw = 'a.csv'\nnotes = 'b'\n", overrides=("Reader.notes=c",))
    task = Reader.configured(remote="gs://b/y")
    assert ("a.csv", "c", "gs://b/y") == (task.raw.place, task.notes.place, task.remote.place)
    assert ("text", "2024-05-01") == (task.notes.format, task.remote.version)
    assert "d.csv" == Reader.configured(raw=Path("d.csv")).raw.place
    assert Source("e.csv", "text") == Reader.configured(raw=Source("e.csv", "text")).raw


def test_a_subclass_can_move_a_source() -> None:
    """`raw = "…"` in a subclass is another place for the source that it inherits."""
    other: Reader = Other.configured()
    assert "input/other.csv" == other.raw.place
    assert "input/raw.csv" == Reader.configured().raw.place


@pytest.mark.parametrize("value", [3, "", None, ["a"], True])
def test_what_is_no_path_is_refused(configure: Configure, value: Any) -> None:
    """A source must be a path, and the error names class and attribute."""
    with pytest.raises(ParameterError, match=r"`Reader.raw` is .*, but a source is a path"):
        Reader.configured(raw=value)
    configure("[Reader]\nraw = 3\n")
    with pytest.raises(ParameterError, match=r"`Reader.raw` is 3, but a source is a path") as caught:
        Reader.configured()
    assert "luigi.toml:2 (Reader.raw)" == str(caught.value.where)


def test_a_remote_source_is_not_fetched() -> None:
    """What lies elsewhere has no path here: the error says how to read it."""
    remote = Reader.configured().remote
    assert remote.remote
    assert "s3://bucket/x.parquet" == str(remote)
    for use in (lambda: remote.path, remote.load, remote.open):
        with pytest.raises(SourceError, match=r"`s3://bucket/x.parquet` is no local file"):
            use()


def test_a_missing_source_says_so_when_it_is_read() -> None:
    """A file that is not there is an ordinary error of files, or one of ours, and names the file."""
    with pytest.raises((FileNotFoundError, DaichoError), match="raw.csv"):
        Reader.configured().raw.load()


def test_a_remote_source_needs_a_version() -> None:
    """Without a version nothing could tell one content from another."""
    with pytest.raises(DeclarationError, match=r"`source\('s3://b/x'\)` lies elsewhere") as caught:
        source("s3://b/x")
    assert "version=" in caught.value.hints[0]


def test_a_local_source_takes_no_version() -> None:
    """A local file is known by its content, and a version would only pretend."""
    with pytest.raises(DeclarationError, match=r"known by its content: it takes no version"):
        source("x.csv", version="1")


def test_an_unknown_format_is_refused_at_once() -> None:
    """A misspelt format is refused where it is declared."""
    with pytest.raises(DaichoError, match="csw"):
        source("x", format="csw")


def test_another_place_is_another_task_object() -> None:
    """Two instances that read two places are two tasks."""
    assert Reader.configured(raw="a.csv") is Reader.configured(raw="a.csv")
    assert Reader.configured(raw="a.csv").task_id != Reader.configured(raw="b.csv").task_id
