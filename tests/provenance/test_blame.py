"""Who last changed some lines, asked of real repositories."""

from __future__ import annotations

from pathlib import Path

import pytest

from daicho.provenance.blame import NOT_COMMITTED, Blame
from tests.provenance.repositories import git, repository, write


def commit(repo: Path, message: str, author: str = "Ada") -> str:
    """Commit all changes of a repository as somebody."""
    git(repo, "add", ".")
    git(repo, "commit", "-q", "-m", message, f"--author={author} <{author}@example.org>")
    return git(repo, "rev-parse", "HEAD")


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three lines by Ada, of which Bo changed the second."""
    made = repository(tmp_path / "repo")
    write(made, "tasks.py", "a = 1\nb = 2\nc = 3\n")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2024-02-29T12:00:00Z")
    commit(made, "three lines")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2024-02-29T12:00:01Z")
    write(made, "tasks.py", "a = 1\nb = 20\nc = 3\n")
    commit(made, "Twenty\n\nand more", "Bo")
    return made


def test_the_newest_change_of_the_lines(repo: Path) -> None:
    """Of several lines the newest commit counts, with its author and the first line of its message."""
    blame = Blame(repo)
    found = blame.last_change("tasks.py", [1, 2, 3])
    assert found is not None
    assert (git(repo, "rev-parse", "HEAD"), "Bo", "Twenty") == (found.commit, found.author, found.subject)
    assert int(git(repo, "log", "-1", "--format=%at")) == found.when
    first = blame.last_change("tasks.py", [1, 3])
    assert first is not None
    assert "three lines" == first.subject


def test_lines_that_are_not_committed(repo: Path) -> None:
    """A line that differs from the commit is nobody's yet; its neighbours stay somebody's."""
    write(repo, "tasks.py", "a = 1\nb = 20\nc = 30\n")
    blame = Blame(repo)
    assert NOT_COMMITTED == blame.last_change("tasks.py", [2, 3])
    assert NOT_COMMITTED != blame.last_change("tasks.py", [1, 2])


def test_a_file_that_is_not_tracked(repo: Path) -> None:
    """A new file is not committed yet."""
    write(repo, "new.py")
    assert NOT_COMMITTED == Blame(repo).last_change("new.py", [1])


def test_what_was_taken_out(repo: Path) -> None:
    """Without lines it is the file's newest change, or that it is not committed."""
    write(repo, "tasks.py", "a = 1\n")
    assert NOT_COMMITTED == Blame(repo).last_change("tasks.py", ())
    gone = commit(repo, "One line", "Cy")
    found = Blame(repo).last_change("tasks.py", ())
    assert found is not None
    assert (gone, "Cy", "One line") == (found.commit, found.author, found.subject)


def test_below_the_top_of_a_repository(repo: Path) -> None:
    """Files are named from the folder that was given, wherever the repository begins."""
    write(repo, "project/tasks.py", "a = 1\n")
    made = commit(repo, "below")
    found = Blame(repo / "project").last_change("tasks.py", [1])
    assert found is not None
    assert made == found.commit


@pytest.mark.parametrize("lines", [(), (1,)])
def test_outside_of_git(tmp_path: Path, lines: tuple[int, ...]) -> None:
    """Where there is no repository nobody can say."""
    write(tmp_path, "tasks.py")
    assert None is Blame(tmp_path).last_change("tasks.py", lines)


def test_without_git(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where git cannot be started nobody can say."""
    monkeypatch.setenv("PATH", "")
    assert None is Blame(repo).last_change("tasks.py", [1])
