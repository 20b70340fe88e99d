"""Which files are the project's own, and which of them git ignores."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

from daicho._realpath import remembering
from daicho.provenance._asking_git import GitMissingError, ask_git

_FOREIGN = frozenset({"site-packages", "dist-packages", "node_modules", "__pycache__"})


def first_party_files(root: Path, files: Iterable[str | Path]) -> tuple[Path, ...]:
    """Keep the files of a project: below its root, in no installed package, environment or hidden folder.

    Returns:
        The paths below `root`, as `root / name`, sorted and each once. They need not exist.
    """
    below = _below(root, remembering())
    names = {Path(name) for file in files if (name := below(os.fspath(file))) is not None}
    foreign = cache(_is_foreign)
    own = (name for name in names if not any(foreign(root, folder) for folder in name.parents[:-1]))
    return tuple(root / name for name in sorted(own))


def relative_name(root: Path, file: Path) -> Path | None:
    """Return a file's path relative to a folder, or None where it does not lie below.

    Links count by where they stand; only a path that reaches the folder by another way is resolved.
    """
    name = _below(root, os.path.realpath)(os.fspath(file))
    return None if name is None else Path(name)


def _below(root: Path, real: Callable[[str], str]) -> Callable[[str], str | None]:
    starts = [(settled, _start(settled(os.fspath(root)))) for settled in (os.path.abspath, real)]

    def name_of(file: str) -> str | None:
        for settled, start in starts:
            path = settled(file)
            if path.startswith(start):
                return path[len(start) :]
        return None

    return name_of


def _start(folder: str) -> str:
    return folder if folder.endswith(os.sep) else folder + os.sep


def _is_foreign(root: Path, folder: Path) -> bool:
    if folder.name in _FOREIGN or folder.name.startswith("."):
        return True
    where = root / folder
    return (where / "pyvenv.cfg").exists() or (where / "conda-meta").is_dir()


def git_ignored(root: Path, files: Iterable[Path]) -> frozenset[Path]:
    """Return those of the files below a folder that git ignores, as they were given; tracked files never are.

    One call of git for each repository: the folder's own, and those nested in it. Without git, or outside
    a work tree, nothing is ignored.
    """
    repositories: dict[Path, list[tuple[bytes, Path]]] = {}
    nearest = cache(_repository)
    for file in files:
        # Git refuses the whole list when one path goes through a link or into a nested repository.
        folder = Path(os.path.realpath(file.parent))
        home = nearest(folder)
        if home is not None and relative_name(root, file) is not None:
            path = os.fsencode(folder.relative_to(home) / file.name)
            repositories.setdefault(home, []).append((b"./" + path, file))
    return frozenset(file for home, asked in repositories.items() for file in _ignored_in(home, asked))


def _repository(folder: Path) -> Path | None:
    return next((home for home in (folder, *folder.parents) if (home / ".git").exists()), None)


def _ignored_in(home: Path, asked: list[tuple[bytes, Path]]) -> Iterator[Path]:
    try:
        answer = ask_git(home, "check-ignore", "--stdin", "-z", given=b"\0".join(path for path, _ in asked))
    except GitMissingError:
        return
    ignored = frozenset(answer.output.split(b"\0"))
    yield from (file for path, file in asked if path in ignored)
