"""folder: the content of a folder, as files. Links are followed within it; one that leads out is refused."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from daicho.errors import FormatError
from daicho.formats._files import sibling
from daicho.formats._refusals import not_exact, not_readable, wrong_kind


class Folder:
    """Saves a folder, given by its path; what comes back is the path of the copy."""

    name = "folder"
    suffixes: tuple[str, ...] = ()
    folder = True
    runs_code = False
    repeats = True

    def save(self, value: Any, path: Path) -> None:
        """Copy what lies in the folder `value`: names and content, neither modes nor times."""
        if not isinstance(value, str | os.PathLike):
            raise wrong_kind("folder", "the path of a folder", value, path)
        source = Path(value).resolve()
        if not source.is_dir():
            raise not_exact("folder", f"`{value}` is not a folder", path)
        target = path.resolve()
        if source == target:
            return
        if source in target.parents or target in source.parents:
            raise not_exact("folder", f"`{value}` and the output's own folder lie one in the other", path)
        _replace(source, path)

    def load(self, path: Path) -> Path:
        """Give the path back."""
        if not path.exists():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        if not path.is_dir():
            raise not_readable("folder", path, "it is a file")
        return path


def _replace(source: Path, path: Path) -> None:
    part = sibling(path)
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir()
        for item in _items(source, source, path):
            copy = part / item.relative_to(source)
            if item.is_dir():
                copy.mkdir()
            else:
                shutil.copyfile(item, copy)
        if path.is_dir():
            shutil.rmtree(path)
        part.replace(path)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _items(folder: Path, root: Path, path: Path) -> Iterator[Path]:
    """What lies in `folder`, each folder before what it holds."""
    for item in sorted(folder.iterdir()):
        if item.is_symlink():
            _check_link(item, root, path)
        if item.is_dir():
            yield item
            yield from _items(item, root, path)
        elif item.is_file():
            yield item
        else:
            raise not_exact("folder", f"`{item.relative_to(root)}` is neither a file nor a folder", path)


def _check_link(item: Path, root: Path, path: Path) -> None:
    try:
        target = item.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise _bad_link(item, root, path, "leads nowhere") from error
    if not target.is_relative_to(root):
        raise _bad_link(item, root, path, "leads out of the folder")
    if item.parent.resolve().is_relative_to(target):
        raise _bad_link(item, root, path, "leads to a folder that it lies in")


def _bad_link(item: Path, root: Path, path: Path, why: str) -> FormatError:
    hint = "put the file itself there, or remove the link"
    return not_exact("folder", f"the link `{item.relative_to(root)}` {why}", path, hint)
