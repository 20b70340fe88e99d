"""Which result of a task is meant: of a run, with a tag, or the best by a metric. And which way is better."""

from __future__ import annotations

import re
from collections.abc import Iterable

from daicho._nearest import nearest
from daicho.errors import NotFoundError
from daicho.ledger import history, named
from daicho.ledger._launches import Launch
from daicho.ledger._marks import RESULT, TARGET
from daicho.ledger.ledger import Ledger
from daicho.ledger.withdrawal import withdrawal_of
from daicho.record import Record

_LOWER = re.compile(
    r"(^|[_.\- ])(loss|error|err|mse|rmse|mae|mape|logloss|log_loss|nll|perplexity|brier|time|seconds|latency|"
    r"size|bytes|cost|std|variance|distance|deviance|bic|aic|wer|cer)($|[_.\- \d])",
    re.IGNORECASE,
)


def lower_is_better(metric: str) -> bool:
    """Whether a metric is one of those that are the better the lower they are, by its name."""
    return _LOWER.search(metric) is not None


def choose(
    ledger: Ledger,
    task: str,
    *,
    run: str | None = None,
    tag: str | None = None,
    best: str | None = None,
    lowest: bool | None = None,
) -> Record:
    """One result of a task, as a light record: the newest that fits, or the best.

    Args:
        ledger: Where to look.
        task: The task's family.
        run: A pipeline run that it is in, reused or not, or its own run: names and ids as in `named.find`.
        tag: `key=value` of a tag on its run, or on a pipeline run that it is in.
        best: A metric of its run: the result with the highest, or the lowest where the name speaks of a loss.
        lowest: Says which way instead of the name.

    Raises:
        NotFoundError: If there is none.
        StoreError: If the store cannot be asked.
    """
    if run is not None:
        found = [_of_run(ledger, task, run)]
    elif tag is not None:
        found = list(_tagged(ledger, task, tag))
    else:
        found = ledger.newest(task, history.MOST)
    results = [
        record for record in found if record.provenance.get("marked") and withdrawal_of(record) is None
    ]
    if not results:
        why = f"with the tag `{tag}`" if tag else f"in `{run}`" if run else "that counts"
        raise NotFoundError(
            f"there is no result of `{task}` {why}",
            hints=(f"daicho log --task {task} lists the runs that it was in",),
        )
    return results[0] if best is None else _best(ledger, results, best, lowest)


def _of_run(ledger: Ledger, task: str, run: str) -> Record:
    found = named.find(ledger, run)
    if found.record is None and found.pipeline is not None:
        return named.in_run(ledger, found.pipeline, task)
    assert found.record is not None
    if found.record.task != task:
        raise NotFoundError(
            f"run {found.record.run_id} is one of `{found.record.task}`, not of `{task}`",
            hints=("name the pipeline run that it was in, or the other task",),
        )
    return found.record


def _tagged(ledger: Ledger, task: str, tag: str) -> Iterable[Record]:
    name, _, value = tag.partition("=")
    for row in history.tagged(ledger, name, value):
        if TARGET not in row.tags:
            records = ledger._records([row])
            yield from (record for record in records if record.task == task and row.marked(RESULT))
            continue
        launch = Launch.of(row)
        ids = [each.run_id for each in history.members(ledger, launch) if each.task == task and each.run_id]
        yield from (record for record in map(ledger.run, ids) if record is not None)


def _best(ledger: Ledger, results: list[Record], metric: str, lowest: bool | None) -> Record:
    values = ledger.metrics([record.run_id for record in results if record.run_id is not None])
    scored = [
        (number, record)
        for record in results
        if (number := values.get(record.run_id or "", {}).get(metric)) is not None and number == number
    ]
    if not scored:
        known = {name for each in values.values() for name in each}
        raise NotFoundError(
            f"no result of `{results[0].task}` has a metric `{metric}`", hints=nearest(metric, known)
        )
    down = lower_is_better(metric) if lowest is None else lowest
    return (min if down else max)(scored, key=lambda each: each[0])[1]
