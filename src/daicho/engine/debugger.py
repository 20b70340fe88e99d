"""`--pdb`: where a task failed, Python's debugger opens, in the user's own frame, not in the library below it."""

from __future__ import annotations

import bdb
import pdb  # noqa: T100  # it is asked for
import sys
import sysconfig
from pathlib import Path
from types import FrameType, TracebackType

_LIBRARIES = tuple({str(Path(sysconfig.get_path(name))) for name in ("purelib", "platlib", "stdlib")})
_OURS = str(Path(__file__).parents[1])


def look(error: BaseException) -> None:
    """Let a person look around where a task failed; returns when they have seen enough."""
    if isinstance(error, bdb.BdbQuit) or error.__traceback__ is None:
        return  # they were in the debugger, and quit
    sys.stderr.write(f"{type(error).__name__}: {error}\n")
    debugger = _Debugger()
    debugger.reset()
    debugger.interaction(None, error.__traceback__)


class _Debugger(pdb.Pdb):
    """Begins at the innermost frame that is no library's."""

    def get_stack(
        self, f: FrameType | None, t: TracebackType | None
    ) -> tuple[list[tuple[FrameType, int]], int]:
        """Python's own, with another place to begin at."""
        stack, place = super().get_stack(f, t)
        return stack, max((at for at, (frame, _) in enumerate(stack) if _users(frame)), default=place)


def _users(frame: FrameType) -> bool:
    name = frame.f_code.co_filename
    return not name.startswith((*_LIBRARIES, _OURS, "<frozen"))
