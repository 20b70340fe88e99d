"""Writing a file all at once: the bytes go beside it under another name, which is then renamed."""

from __future__ import annotations

from pathlib import Path


def sibling(path: Path) -> Path:
    """The name under which what becomes `path` is written first."""
    return path.with_name(f".{path.name}.part")


def write(path: Path, data: bytes | memoryview) -> None:
    """Put `data` at `path`, whole or not at all."""
    part = sibling(path)
    try:
        part.write_bytes(data)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
