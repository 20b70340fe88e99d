"""Resolving many paths of few folders: each folder is looked at once."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache


def remembering() -> Callable[[str], str]:
    """`os.path.realpath` for files; what it has found out of their folders it believes for as long as it lives."""
    folder_of = cache(os.path.realpath)

    @cache
    def real(path: str) -> str:
        folder, name = os.path.split(os.path.abspath(path))
        settled = os.path.join(folder_of(folder), name)
        return os.path.realpath(settled) if os.path.islink(settled) else settled

    return real
