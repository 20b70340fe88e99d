"""What housekeeping frees: the local copy, the runs that go, what goes for good."""

from __future__ import annotations

from collections.abc import Iterator

from daicho.cli import human
from daicho.cli.line import Line, line, table
from daicho.verbs.gc import Going, Housekeeping

_MOST = 10  # runs that are shown one by one


def lines(found: Housekeeping, *, width: int | None, whole: bool) -> Iterator[Line]:
    """What was freed, or would be; with `whole` every run."""
    if found.nothing:
        yield line(("Nothing to free", "good"), f": {_cache(found)}")
    else:
        yield line((("Freed" if found.done else "Would free"), "strong"), f": {_cache(found)}")
    if found.keep_days is None:
        return
    size = human.size(sum(each.size for each in found.going))
    days = human.count(found.keep_days, "day")
    verb = "deleted" if found.done else "would be deleted"
    runs = human.count(len(found.going), "run")
    yield line(f"  store: {runs} ({size}) {verb}, {found.kept:,} kept (of the last {days}, or needed)")
    shown = found.going if whole else found.going[:_MOST]
    yield from table((_row(each) for each in shown), width=width, indent=4)
    if len(found.going) > len(shown):
        yield line((f"    and {len(found.going) - len(shown):,} more (-v shows all)", "dim"))
    if found.final:
        yield line(f"  for good: {_final(found)}")


def _cache(found: Housekeeping) -> str:
    of = f"{human.size(found.cache_freed)} of {human.size(found.cache_bytes)} of fetched files"
    return f"{of} (they may take {human.size(found.cache_limit)})"


def _row(each: Going) -> tuple[Line, ...]:
    kind = "pipeline run" if each.pipeline else "task"
    size = human.size(each.size) if each.size else ""
    return (
        line((each.run_id[:8], "dim")),
        line(kind),
        line(human.when(each.started)),
        line(size),
        line(each.name),
    )


def _final(found: Housekeeping) -> str:
    what = f"{human.count(found.final, 'run')} deleted more than a week ago"
    if found.remote:
        return f"{what}: who runs the server frees their files with `mlflow gc --older-than 7d`"
    return f"{what}, with their files"
