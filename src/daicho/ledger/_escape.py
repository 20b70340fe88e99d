"""Names inside a folder, as every store keeps them: some are lost or changed on their way to a server.

Only what must be is escaped, so that names look in the store as they do at home: `=x` and two digits.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath

from daicho.digest import walk

_TO_ESCAPE = re.compile(r"""[\x00-\x1f\x7f-\x9f#?%\\:*"<>|]|^\s|\s$|=(?=x[0-9A-F]{2})""")
_ESCAPED = re.compile(r"(?:=x[0-9A-F]{2})+")


def escaped(name: str) -> str:
    """A relative name as a store is given it."""
    return "/".join(_TO_ESCAPE.sub(_spelt, part) for part in name.split("/"))


def unescaped(name: str) -> str:
    """The name that was escaped; what was not stays as it is."""
    return _ESCAPED.sub(lambda found: bytes.fromhex(found[0].replace("=x", "")).decode("utf-8"), name)


def put_escaped(source: Path, target: Path) -> None:
    """Make a folder of links to the files of another one, under their escaped names."""
    for name, file in walk(source):
        place = target / escaped(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(os.path.abspath(file))


def unescape_below(folder: Path) -> None:
    """Give the files of a folder that was fetched their own names back.

    Raises:
        ValueError: If a name would lead out of the folder: it is none that was escaped.
    """
    files = [path for path in folder.rglob("*") if path.is_file() and "=" in str(path.relative_to(folder))]
    for path in files:
        stored = path.relative_to(folder).as_posix()
        own = "/".join(unescaped(part) for part in stored.split("/"))
        if own == stored:
            continue
        if escaped(own) != stored or ".." in PurePosixPath(own).parts:
            raise ValueError(f"`{stored}` is not the name of a file that was stored here")
        (folder / own).parent.mkdir(parents=True, exist_ok=True)
        os.rename(path, folder / own)


def _spelt(found: re.Match[str]) -> str:
    return "".join(f"=x{byte:02X}" for byte in found[0].encode("utf-8"))
