"""Compiled code is kept by what it was compiled from, and taken from nobody else."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from daicho.fingerprint.executed import install
from daicho.fingerprint.executed._kept import Kept, Made
from tests.fingerprint.code.project import Imported, write

MODULE = "NUMBER = 1\n\ndef number():\n    return (lambda: NUMBER)()\n"


def _made(text: str) -> Callable[[], Made]:
    return lambda: (compile(text, "m.py", "exec"), False)


def _never() -> Made:
    raise AssertionError("compiled again")


def test_what_was_compiled_is_found_again(tmp_path: Path) -> None:
    """The same text of the same file is compiled once; another text, or another file, is another."""
    code, _ = Kept(tmp_path / "kept").of("1", "m.py", _made("A = 1"))
    assert (code, False) == Kept(tmp_path / "kept").of("1", "m.py", _never)
    for digest, path in [("2", "m.py"), ("1", "n.py")]:
        with pytest.raises(AssertionError, match="compiled again"):
            Kept(tmp_path / "kept").of(digest, path, _never)


@pytest.mark.parametrize("data", [b"", b"\0" * 40, hashlib.sha256(b"").digest()])
def test_damage_is_compiled_anew(tmp_path: Path, data: bytes) -> None:
    """A file that is cut short or spoilt is not read, and is whole afterwards."""
    Kept(tmp_path / "kept").of("1", "m.py", _made("A = 1"))
    (file,) = (tmp_path / "kept").iterdir()
    file.write_bytes(data)
    code, _ = Kept(tmp_path / "kept").of("1", "m.py", _made("A = 1"))
    assert (code, False) == Kept(tmp_path / "kept").of("1", "m.py", _never)


def test_what_others_can_write_is_not_read(tmp_path: Path) -> None:
    """Neither a folder nor a file that others may write to is taken from: whoever can may run what they like."""
    kept = tmp_path / "kept"
    Kept(kept).of("1", "m.py", _made("A = 1"))
    assert 0o700 == kept.stat().st_mode & 0o777
    (file,) = kept.iterdir()
    assert 0o600 == file.stat().st_mode & 0o777
    for place, mode in [(file, 0o602), (kept, 0o720)]:
        place.chmod(mode)
        with pytest.raises(AssertionError, match="compiled again"):
            Kept(kept).of("1", "m.py", _never)


def test_a_link_is_no_folder(tmp_path: Path) -> None:
    """Kept code is not looked for where a link leads."""
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    os.symlink(tmp_path / "elsewhere", tmp_path / "kept")
    Kept(tmp_path / "kept").of("1", "m.py", _made("A = 1"))
    assert [] == list((tmp_path / "elsewhere").iterdir())


def test_a_folder_that_cannot_be_made_costs_nothing_but_time(tmp_path: Path) -> None:
    """Without the folder around it, all is compiled each time."""
    made = _made("A = 1")
    assert made()[0] == Kept(tmp_path / "no" / "kept").of("1", "m.py", made)[0]
    assert [] == list(tmp_path.iterdir())


def test_modules_run_from_what_is_kept(tmp_path: Path) -> None:
    """A module runs the same from kept code, and an edit of the same size and time is another."""
    write(tmp_path, {"m.py": MODULE})
    stamp = os.stat(tmp_path / "m.py")
    found = []
    for text in (MODULE, MODULE, MODULE.replace("= 1", "= 2")):
        (tmp_path / "m.py").write_text(text)
        os.utime(tmp_path / "m.py", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        with Imported(tmp_path):
            loaded = install([tmp_path], {}, tmp_path / "kept")
            module = __import__("m")
            found.append((module.number(), len(list((tmp_path / "kept").iterdir()))))
            loaded.remove()
    assert [(1, 1), (1, 1), (2, 2)] == found
