"""Which first-party code starts while a task runs, in whatever thread.

Python 3.12 and newer tell it themselves, once for each code object (then they are asked not to tell again, so that it
costs nothing in a loop); what was told is armed anew for each task. On 3.11 the marks tell it that the loader has set.
Where neither can (a module was imported before the loader was there, all of Python's tool numbers are taken), the
module is `blind`, and counts as a whole.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import CodeType
from typing import Final

from daicho.fingerprint.executed._asked import asking
from daicho.fingerprint.executed._loader import Loaded, monitoring
from daicho.fingerprint.executed._marks import Place

_TOOLS: Final = (4, 3)  # those that no kind of tool has reserved
_NO_TOOL: Final = "all numbers of tools that watch Python are taken: modules count as a whole"


@dataclass
class Seen:
    """What was seen; complete when the watching has ended.

    Attributes:
        definitions: Path, qualified name and first line of the code objects that started.
        modules: The paths of the modules whose body ran meanwhile.
        asked: Path and name of what loaded modules were asked for, by whomever.
        lacking: Path and name of what they were asked for and have not.
        often: The paths of modules that were asked too often for that: they may have been asked for anything.
        blind: The paths of imported modules in which nothing can be seen.
        texts: What was compiled in this process, by path.
        notes: Why little was seen, if so.
    """

    definitions: set[tuple[str, str, int]] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)
    asked: set[tuple[str, str]] = field(default_factory=set)
    lacking: set[tuple[str, str]] = field(default_factory=set)
    often: set[str] = field(default_factory=set)
    blind: set[str] = field(default_factory=set)
    texts: dict[str, bytes] = field(default_factory=dict, repr=False)
    notes: list[str] = field(default_factory=list)


@contextmanager
def watching(loaded: Loaded) -> Iterator[Seen]:
    """See what first-party code runs; to be entered right around `run()`, so that only the task's doing is seen."""
    seen = Seen()
    modules, already = loaded.modules(), len(loaded.ran)
    watch = _watch_marks if monitoring is None else _watch_events
    try:
        with asking(modules) as asked, watch(loaded, seen):
            yield seen
    finally:
        seen.modules |= set(loaded.modules().values()) - set(modules.values()) | set(loaded.ran[already:])
        seen.asked, seen.lacking, seen.often = asked.names, asked.lacking, asked.often
        seen.texts = dict(loaded.texts)


@contextmanager
def _watch_events(loaded: Loaded, seen: Seen) -> Iterator[None]:
    tool = next((each for each in _TOOLS if monitoring.get_tool(each) is None), None)
    if tool is None:
        yield
        seen.blind |= _all_but_main(loaded)
        seen.notes.append(_NO_TOOL)
        return
    started: list[CodeType] = []

    def note(code: CodeType, offset: int) -> object:
        if loaded.is_first_party(code.co_filename):
            started.append(code)
        return monitoring.DISABLE

    event = monitoring.events.PY_START
    monitoring.use_tool_id(tool, "daicho")
    try:
        monitoring.register_callback(tool, event, note)
        monitoring.set_events(tool, event)
        monitoring.restart_events()  # what an earlier task ran was switched off, and that outlives the tool
        yield
    finally:
        monitoring.set_events(tool, 0)
        monitoring.register_callback(tool, event, None)
        monitoring.free_tool_id(tool)
        _add(seen, (Place(code.co_filename, code.co_qualname, code.co_firstlineno) for code in started))


@contextmanager
def _watch_marks(loaded: Loaded, seen: Seen) -> Iterator[None]:
    outer = [mark for mark in loaded.marks if mark.seen]  # of a task that runs this one within its own
    for mark in outer:
        mark.reset()
    try:
        yield
    finally:
        _add(seen, (mark.place for mark in loaded.marks if mark.seen))
        seen.blind |= _all_but_main(loaded) - loaded.marked
        for mark in outer:
            mark.seen = True


def _add(seen: Seen, places: Iterator[Place]) -> None:
    for place in places:
        path = os.path.abspath(place.path)
        if place.name == "<module>":
            seen.modules.add(path)
        else:
            seen.definitions.add((path, place.name, place.line))


def _all_but_main(loaded: Loaded) -> set[str]:
    """What starts a run is no part of what is run: in a worker it is not even there."""
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    return set(loaded.modules().values()) - {os.path.abspath(main or "")}
