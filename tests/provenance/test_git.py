"""What git says of a folder, asked of real repositories."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from daicho.provenance import Git, read_git
from tests.provenance.repositories import git, repository, write


def _state(folder: Path) -> dict[str, tuple[bytes, int]]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_a_clean_repository(tmp_path: Path) -> None:
    """Commit and branch of a clean work tree, and nothing else to tell."""
    repo = repository(tmp_path / "repo")
    commit = git(repo, "rev-parse", "HEAD")
    expected = Git(commit, "main", None, dirty=False, diff="", untracked=(), source="git")
    assert expected == read_git(repo)


def test_values_are_json(tmp_path: Path) -> None:
    """Every field reaches JSON under its own name."""
    found = read_git(repository(tmp_path / "repo"))
    value = json.loads(json.dumps(found.to_json()))
    assert list(Git.__dataclass_fields__) == list(value)
    assert ([], "git", found.commit) == (value["untracked"], value["source"], value["commit"])


def test_from_a_subfolder(tmp_path: Path) -> None:
    """A project below the top sees the repository's commit and changes, and its own untracked files."""
    repo = repository(tmp_path / "repo", "project/steps.py")
    write(repo, "tasks.py", "x = 2\n")
    write(repo, "above.py")
    write(repo, "project/new.py")
    found = read_git(repo / "project")
    assert git(repo, "rev-parse", "HEAD") == found.commit
    assert found.dirty
    assert "diff --git a/tasks.py b/tasks.py" in found.diff
    assert ("new.py",) == found.untracked


def test_a_linked_worktree(tmp_path: Path) -> None:
    """A linked worktree has a branch and changes of its own."""
    repo = repository(tmp_path / "repo")
    linked = tmp_path / "linked"
    git(repo, "worktree", "add", "-q", "-b", "trial", str(linked))
    write(linked, "tasks.py", "x = 3\n")
    assert ("trial", True) == (read_git(linked).branch, read_git(linked).dirty)
    assert ("main", False) == (read_git(repo).branch, read_git(repo).dirty)


def test_no_commits_yet(tmp_path: Path) -> None:
    """Before the first commit there is a branch, no commit, and what is staged differs from nothing."""
    repo = tmp_path / "repo"
    repo.mkdir()
    git(repo, "init", "-q", "-b", "main")
    assert Git(None, "main", None, dirty=False, diff="", untracked=(), source="git") == read_git(repo)
    write(repo, "tasks.py", "staged = 1\n")
    git(repo, "add", ".")
    write(repo, "tasks.py", "edited = 1\n")
    found = read_git(repo)
    assert (None, True) == (found.commit, found.dirty)
    assert "+edited = 1" in found.diff


def test_detached_head(tmp_path: Path) -> None:
    """A detached HEAD has a commit and no branch."""
    repo = repository(tmp_path / "repo")
    git(repo, "checkout", "-q", "--detach")
    found = read_git(repo)
    assert (git(repo, "rev-parse", "HEAD"), None) == (found.commit, found.branch)


@pytest.mark.parametrize("change", ["edited", "staged", "deleted", "renamed", "mode", "added", "intended"])
def test_every_change_of_a_tracked_file_is_dirt(tmp_path: Path, change: str) -> None:
    """Staged or not: a tracked file that differs from the commit makes the tree dirty and shows in the diff."""
    repo = repository(tmp_path / "repo", "other.py")
    if change in ("edited", "staged"):
        write(repo, "tasks.py", "x = 2\n")
    if change == "staged":
        git(repo, "add", "tasks.py")
    if change == "deleted":
        (repo / "tasks.py").unlink()
    if change == "renamed":
        git(repo, "mv", "tasks.py", "1 steps.py")
    if change == "mode":
        (repo / "tasks.py").chmod(0o755)
    if change in ("added", "intended"):
        write(repo, "tasks_new.py")
        git(repo, "add", *(["-N"] if change == "intended" else []), "tasks_new.py")
    found = read_git(repo)
    assert found.dirty
    assert "tasks" in found.diff
    assert () == found.untracked


def test_touched_is_not_dirty(tmp_path: Path) -> None:
    """A file whose time alone changed is clean."""
    repo = repository(tmp_path / "repo")
    os.utime(repo / "tasks.py", (1, 1))
    assert not read_git(repo).dirty


def test_the_diff_can_be_applied(tmp_path: Path) -> None:
    """The stored difference, applied to a fresh clone, gives the changed files."""
    repo = repository(tmp_path / "repo", "other.py")
    git(repo, "config", "diff.noprefix", "true")
    git(repo, "config", "color.ui", "always")
    write(repo, "tasks.py", "x = 'é'\ny = 2\n")
    write(repo, "added.py", "z = 1\n")
    git(repo, "add", "added.py")
    (repo / "other.py").unlink()
    clone, patch = tmp_path / "clone", tmp_path / "patch"
    git(tmp_path, "clone", "-q", str(repo), str(clone))
    patch.write_text(read_git(repo).diff, encoding="utf-8")
    git(clone, "apply", str(patch))
    assert "x = 'é'\ny = 2\n" == (clone / "tasks.py").read_text(encoding="utf-8")
    assert (True, False) == ((clone / "added.py").exists(), (clone / "other.py").exists())


def test_binary_files_are_named_only(tmp_path: Path) -> None:
    """Of a binary file the diff has the name, not the bytes."""
    repo = repository(tmp_path / "repo")
    write(repo, "model.bin", b"\0\1" * 5000)
    git(repo, "add", ".")
    found = read_git(repo)
    assert "Binary files /dev/null and b/model.bin differ" in found.diff
    assert len(found.diff) < 500


def test_drivers_are_not_run(tmp_path: Path) -> None:
    """External diff drivers, text converters and watchers that the repository names are not started."""
    repo = repository(tmp_path / "repo")
    mark = tmp_path / "ran"
    for key in ("diff.external", "diff.mine.command", "diff.mine.textconv", "core.fsmonitor", "core.pager"):
        git(repo, "config", key, f"touch {mark} #")
    write(repo, ".git/info/attributes", "*.py diff=mine\n")
    write(repo, "tasks.py", "x = 2\n")
    assert "+x = 2" in read_git(repo).diff
    assert not mark.exists()


def test_a_long_diff_is_cut_at_a_line(tmp_path: Path) -> None:
    """A difference above 1 MB ends with a whole line and one that says so; no half address shows."""
    repo = repository(tmp_path / "repo")
    write(repo, "tasks.py", "url = 'https://ada:hunter2@example.org/'\n" * 40_000)
    diff = read_git(repo).diff
    lines = diff.splitlines()
    assert "[cut here: the difference is longer than 1,000,000 bytes]" == lines[-1]
    assert "+url = 'https://***@example.org/'" == lines[-2]
    assert 800_000 < len(diff) < 1_000_100
    assert "hunter2" not in diff


def test_credentials_in_the_diff_are_masked(tmp_path: Path) -> None:
    """Old and new lines of the diff lose the passwords of their addresses."""
    repo = repository(tmp_path / "repo")
    write(repo, "tasks.py", "db = 'postgresql://ada:old-secret@db/x'\n")
    git(repo, "commit", "-qam", "second")
    write(repo, "tasks.py", "db = 'https://db/x?token=new-secret'\n")
    diff = read_git(repo).diff
    assert "-db = 'postgresql://***@db/x'" in diff
    assert "+db = 'https://db/x?token=***'" in diff


def test_untracked_files_are_named(tmp_path: Path) -> None:
    """What git neither tracks nor ignores is named, sorted and with any letter; it makes nothing dirty."""
    repo = repository(tmp_path / "repo")
    write(repo, ".gitignore", "*.csv\n.gitignore\n")
    for name in ("notes é.txt", "deep/er/new.py", "data.csv", "line\nbreak"):
        write(repo, name)
    found = read_git(repo)
    assert ("deep/er/new.py", "line\nbreak", "notes é.txt") == found.untracked
    assert (False, "") == (found.dirty, found.diff)


def test_at_most_a_thousand_untracked_files_are_named(tmp_path: Path) -> None:
    """The first thousand are named, and the note says how many there are."""
    repo = repository(tmp_path / "repo")
    for number in range(1003):
        (repo / f"{number:04}.txt").touch()
    found = read_git(repo)
    assert (1000, "0999.txt") == (len(found.untracked), found.untracked[-1])
    assert "1003 files are untracked, of which the first 1000 are named" == found.note


def test_nothing_is_written(tmp_path: Path) -> None:
    """Neither the index nor any other file changes, though a refresh would be due."""
    repo = repository(tmp_path / "repo", "other.py")
    os.utime(repo / "other.py", (1, 1))
    write(repo, "tasks.py", "x = 2\n")
    before = _state(repo)
    assert read_git(repo).dirty
    assert before == _state(repo)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/ada/engine.git", "https://github.com/ada/engine.git"),
        ("https://ada:hunter2@github.com/ada/engine.git", "https://github.com/ada/engine.git"),
        ("https://ghp_hunter2@github.com/ada/engine.git", "https://github.com/ada/engine.git"),
        ("https://hunter2:x-oauth-basic@github.com/ada/e", "https://github.com/ada/e"),
        ("https://ada:hun ter2@github.com/ada/e", "https://github.com/ada/e"),
        ('https://ada:hun"ter2/@github.com/ada/e', "https://github.com/ada/e"),
        (
            "https://git.example.org/e.git?private_token=hunter2",
            "https://git.example.org/e.git?private_token=***",
        ),
        ("git@github.com:ada/engine.git", "git@github.com:ada/engine.git"),
        ("ssh://git@github.com:22/ada/engine.git", "ssh://git@github.com:22/ada/engine.git"),
        ("ssh://git:hunter2@github.com/ada/engine.git", "ssh://github.com/ada/engine.git"),
        ("/srv/my repos/engine.git", "/srv/my repos/engine.git"),
    ],
)
def test_the_remote_has_no_credentials(tmp_path: Path, url: str, expected: str) -> None:
    """The remote's address is kept, but for the user, password or token in it."""
    repo = repository(tmp_path / "repo")
    git(repo, "config", "remote.origin.url", url)
    assert expected == read_git(repo).remote


def test_origin_before_other_remotes(tmp_path: Path) -> None:
    """The remote is `origin`, else the first."""
    repo = repository(tmp_path / "repo")
    git(repo, "remote", "add", "fork", "https://example.org/fork")
    git(repo, "remote", "add", "other", "https://example.org/other")
    assert "https://example.org/fork" == read_git(repo).remote
    git(repo, "remote", "add", "origin", "https://example.org/origin")
    assert "https://example.org/origin" == read_git(repo).remote


def test_no_repository(tmp_path: Path) -> None:
    """Outside a work tree nobody says anything."""
    note = "the folder is in no git work tree"
    assert Git(None, None, None, dirty=False, diff="", untracked=(), source="none", note=note) == read_git(
        tmp_path
    )


def test_the_environment_names_the_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a work tree, in an image for example, variables name the commit and the branch."""
    monkeypatch.setenv("DAICHO_GIT_BRANCH", "main")
    assert ("none", None) == (read_git(tmp_path).source, read_git(tmp_path).branch)
    monkeypatch.setenv("DAICHO_GIT_COMMIT", "c0ffee")
    found = read_git(tmp_path)
    assert ("environment", "c0ffee", "main") == (found.source, found.commit, found.branch)


def test_git_is_believed_before_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is a work tree, the variables do not count."""
    monkeypatch.setenv("DAICHO_GIT_COMMIT", "c0ffee")
    repo = repository(tmp_path / "repo")
    assert git(repo, "rev-parse", "HEAD") == read_git(repo).commit


def test_no_git_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where `git` is not installed, the note says so and the environment is asked."""
    repo = repository(tmp_path / "repo")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ("none", "`git` could not be started") == (read_git(repo).source, read_git(repo).note)
    monkeypatch.setenv("DAICHO_GIT_COMMIT", "c0ffee")
    assert ("environment", "c0ffee") == (read_git(repo).source, read_git(repo).commit)


def test_dubious_ownership(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository that git does not trust is none, and the note says how to trust it."""
    repo = repository(tmp_path / "repo", "project/steps.py")
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    found = read_git(repo / "project")
    assert ("none", None) == (found.source, found.commit)
    assert "dubious ownership" in found.note
    assert found.note.endswith(f"git config --global --add safe.directory {repo}")


def test_a_bare_repository_and_a_missing_folder(tmp_path: Path) -> None:
    """What has no work tree, or is not there, is none and says why."""
    git(tmp_path, "init", "-q", "--bare", "bare.git")
    bare, missing = read_git(tmp_path / "bare.git"), read_git(tmp_path / "missing")
    assert ("none", "none") == (bare.source, missing.source)
    assert "git could not be read: this operation must be run in a work tree" == bare.note
    assert "No such file or directory" in missing.note


def test_inside_a_hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git's variables for a hook point at another repository: the folder's own one counts."""
    other = repository(tmp_path / "other", "more.py")
    repo = repository(tmp_path / "repo")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    found = read_git(repo)
    assert ("git", False, ()) == (found.source, found.dirty, found.untracked)
    assert (repo / ".git/refs/heads/main").read_text(encoding="utf-8").strip() == found.commit


def test_a_submodule_counts_by_its_commit(tmp_path: Path) -> None:
    """Another commit in a submodule is dirt, a new file in it is not."""
    inner = repository(tmp_path / "inner")
    repo = repository(tmp_path / "repo")
    git(repo, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "inner")
    git(repo, "commit", "-qm", "with inner")
    write(repo, "inner/new.py")
    assert not read_git(repo).dirty
    git(repo / "inner", "commit", "-q", "--allow-empty", "-m", "on")
    assert "+Subproject commit" in read_git(repo).diff
