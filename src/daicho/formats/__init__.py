"""How a value becomes a file or a folder, and comes back: one file of this package for each format."""

from __future__ import annotations

from daicho.formats._base import Format
from daicho.formats._own import named as registered
from daicho.formats._registry import by_name, for_file, names, register_format

__all__ = ["Format", "by_name", "for_file", "names", "register_format", "registered"]
