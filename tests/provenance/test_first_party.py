"""Which files are a project's own, and which git ignores."""

from __future__ import annotations

from pathlib import Path

import pytest

from daicho.provenance import first_party_files, git_ignored
from tests.provenance.repositories import git, repository, write


def test_own_files_are_kept(tmp_path: Path) -> None:
    """Files below the root are kept, sorted and once, whatever lies above the root."""
    root = tmp_path / ".hidden/site-packages/project"
    names = ["tasks.py", "package/__init__.py", "package/.odd.py", "venv/no_environment.py"]
    files = [write(root, name) for name in names]
    assert tuple(sorted(files)) == first_party_files(root, [*files, *reversed(files)])


@pytest.mark.parametrize(
    "name",
    [
        "../elsewhere.py",
        "../project-two/tasks.py",
        "env/lib/python3.11/os.py",
        "conda/lib/python3.11/os.py",
        "lib/site-packages/x.py",
        "lib/dist-packages/x/y.py",
        "node_modules/x.py",
        "package/__pycache__/x.py",
        ".git/hooks/x.py",
        ".daicho/x.py",
        "deep/.cache/x.py",
    ],
)
def test_foreign_files_are_dropped(tmp_path: Path, name: str) -> None:
    """Files outside the root, of environments, of installed packages and of hidden folders are not own."""
    root = tmp_path / "project"
    own = write(root, "tasks.py")
    write(root, "env/pyvenv.cfg")
    write(root, "conda/conda-meta/history")
    assert (own,) == first_party_files(root, [own, write(root, name)])


def test_an_environment_in_the_root_itself(tmp_path: Path) -> None:
    """An environment that was made in the project's own folder does not hide the project."""
    write(tmp_path, "pyvenv.cfg")
    own, installed = write(tmp_path, "tasks.py"), write(tmp_path, "lib/python3.11/site-packages/x.py")
    assert (own,) == first_party_files(tmp_path, [own, installed])


def test_other_ways_to_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative paths, detours and links to the root lead to the same file; a link inside counts where it stands."""
    root = tmp_path / "project"
    own, outside = write(root, "tasks.py"), write(tmp_path, "outside/shared.py")
    (tmp_path / "link").symlink_to(root)
    (root / "shared.py").symlink_to(outside)
    monkeypatch.chdir(root)
    ways = [Path("tasks.py"), root / "x/../tasks.py", tmp_path / "link/tasks.py"]
    assert (own,) == first_party_files(root, ways)
    assert (root / "shared.py",) == first_party_files(root, [root / "shared.py", outside])
    assert (tmp_path / "link/tasks.py",) == first_party_files(tmp_path / "link", [own])


def test_ignored_files(tmp_path: Path) -> None:
    """What git ignores is named as it was given; tracked files are not, though a pattern fits."""
    root = repository(tmp_path / "repo", "tracked.secret.py")
    write(root, ".gitignore", "*.secret.py\n/private/\né*.py\n")
    names = ["my.secret.py", "private/deep/x.py", ":(top)tasks.secret.py", "é b.py", "a\nb.secret.py"]
    hidden = [write(root, name) for name in names]
    plain = [write(root, name) for name in ("tasks.py", "tracked.secret.py", "deep/private/x.py")]
    assert frozenset(hidden) == git_ignored(root, [*plain, *hidden])
    assert frozenset() == git_ignored(root, plain)
    assert frozenset() == git_ignored(root, [])


def test_ignored_below_a_subfolder(tmp_path: Path) -> None:
    """The rules of the folders above the project hold too; files outside the project are not asked for."""
    repo = repository(tmp_path / "repo")
    write(repo, ".gitignore", "*.secret.py\n")
    inside, outside = write(repo, "project/a.secret.py"), write(repo, "b.secret.py")
    assert {inside} == git_ignored(repo / "project", [inside, outside])


def test_ignored_through_links_and_nested_repositories(tmp_path: Path) -> None:
    """A linked folder, a nested repository and a submodule spoil the answer for nobody; each has its own rules."""
    inner = repository(tmp_path / "inner")
    root = repository(tmp_path / "repo")
    git(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "module")
    nested = repository(root / "nested")
    write(root, ".gitignore", "*.secret.py\n")
    write(nested, ".gitignore", "*.own.py\n")
    (root / "link").symlink_to(root / "deep")
    write(root, "deep/a.secret.py")
    (tmp_path / "far").mkdir()
    (root / "out").symlink_to(tmp_path / "far")
    hidden = [write(root, "b.secret.py"), root / "link/a.secret.py", write(nested, "c.own.py")]
    plain = [write(nested, "d.secret.py"), write(root, "module/e.secret.py"), write(root, "out/f.secret.py")]
    assert frozenset(hidden) == git_ignored(root, [*plain, *hidden])


def test_nothing_is_ignored_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside a work tree, and where `git` is missing, no file counts as ignored."""
    lonely = write(tmp_path / "plain", "a.secret.py")
    write(tmp_path / "plain", ".gitignore", "*.secret.py\n")
    assert frozenset() == git_ignored(tmp_path / "plain", [lonely])
    root = repository(tmp_path / "repo")
    write(root, ".gitignore", "*.secret.py\n")
    hidden = write(root, "a.secret.py")
    assert {hidden} == git_ignored(root, [hidden])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert frozenset() == git_ignored(root, [hidden])
