"""How an exception becomes something to show: the sentence first, then the user's own frames, the rest kept aside."""

from __future__ import annotations

import linecache
import os
import traceback
from collections.abc import Iterator
from pathlib import Path

from daicho.errors import DaichoError, of_disk
from daicho.record import Failure

_OURS = str(Path(__file__).resolve().parents[1]) + os.sep
_CONTEXT = 1  # lines shown before and after the one that failed


def of_exception(error: BaseException, root: Path) -> Failure:
    """The failure that an exception tells of.

    Args:
        error: What the task raised.
        root: The project's folder: frames of files below it are the user's own.
    """
    return Failure(
        error=error.code if isinstance(error, DaichoError) else type(error).__name__,
        message=_sentence(error),
        frames=tuple(_frames(error, root)),
        traceback="".join(traceback.format_exception(error)),
        hints=_hints(error),
    )


def _hints(error: BaseException) -> tuple[str, ...]:
    if isinstance(error, DaichoError):
        return error.hints
    full = of_disk(error)
    return () if full is None else (f"{full}: make room, then run again; what is finished is reused",)


def _sentence(error: BaseException) -> str:
    if isinstance(error, DaichoError):
        return error.message
    if isinstance(error, SystemExit):
        code = "" if error.code is None else repr(error.code)
        return f"the task called sys.exit({code})"
    text = "".join(traceback.format_exception_only(error)).strip()
    return text.removeprefix(f"{type(error).__module__}.")


def _frames(error: BaseException, root: Path) -> Iterator[str]:
    """The project's own frames, outermost first, each with the lines around it; the innermost is what matters."""
    own = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(root)
        and "site-packages" not in frame.filename
        and not frame.filename.startswith(_OURS)
    ]
    for frame in own:
        number = frame.lineno or 1
        yield f"{os.path.relpath(frame.filename, root)}:{number} in {frame.name}"
    if own:
        yield from _excerpt(own[-1])


def _excerpt(frame: traceback.FrameSummary) -> Iterator[str]:
    number = frame.lineno or 1
    for line in range(max(1, number - _CONTEXT), number + _CONTEXT + 1):
        text = linecache.getline(frame.filename, line).rstrip("\n")
        if text or line == number:
            mark = ">" if line == number else " "
            yield f"{mark} {line:>4} | {text}"
