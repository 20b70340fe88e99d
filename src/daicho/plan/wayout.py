"""The way out, in a line: back to the earlier result, or to a new one although nothing changed."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence

from daicho.plan.cause import Cause
from daicho.plan.earlier import Earlier
from daicho.plan.plan import Decision


def hints(
    kind: type, family: str, decision: Decision, causes: Sequence[Cause], earlier: Earlier | None
) -> Iterator[str]:
    """The way out: back to the earlier result, or to a new one.

    Args:
        kind: The task's class.
        family: Its name.
        decision: What is to be got out of.
        causes: Its root causes.
        earlier: The result that it is compared with.
    """
    if decision.verdict == "reuse" and decision.record is not None:
        yield f"to have it made again: `daicho run {family} -f`; for everybody: raise its `version`"
    if decision.verdict == "reuse" or earlier is None:
        return
    backs = [_back(cause, earlier) for cause in causes]
    known = dict.fromkeys(back for back in backs if back is not None)
    if causes and None not in backs:
        yield f"the earlier result is taken again with {' and '.join(known)}"
    yield from _ignoring(kind, family, causes)


def _ignoring(kind: type, family: str, causes: Sequence[Cause]) -> Iterator[str]:
    """How to leave out the one definition that makes a task run, if it lies in another module."""
    symbol = causes[0].reason.symbol if len(causes) == 1 and causes[0].reason.kind == "code" else None
    if symbol is None or causes[0].task.partition("(")[0] != family:
        return
    module, _, name = symbol.partition(":")
    if module != kind.__module__ and name.isidentifier():
        yield f'if that can never change a result, as a logger cannot: `ignores = ("{symbol}",)` in `{kind.__name__}`'


def _back(cause: Cause, earlier: Earlier) -> str | None:
    """What undoes a cause."""
    change = cause.change
    if cause.reason.kind == "parameter":
        settable = isinstance(cause.old, int | float | str) and not (cause.where or "given").startswith(
            "given"
        )
        old = json.dumps(cause.old) if isinstance(cause.old, bool) else str(cause.old)
        family = cause.task.partition("(")[0]
        return f"`{shlex.quote(f'{family}.{cause.reason.name}={old}')}`" if settable else None
    if change is not None and change.commit is not None and change.commit.commit is not None:
        return f"`git revert {change.commit.commit[:7]}`"
    if change is not None and change.commit is not None and earlier.commit is not None and not earlier.dirty:
        return f"{cause.reason.file or 'the code'} as it is in commit {earlier.commit[:7]}"
    if cause.reason.kind == "source" and cause.old is not None:
        return f"the earlier `{cause.where}`"
    return None
