"""Processes that are started before the plan is made, where something must surely run.

A first run of a small pipeline is mostly imports: this process, the worker and the recorder each have theirs, which can
pass at the same time. Nothing is known by then but the project; so it is done only where nothing can be reused.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from daicho._process import Child
from daicho.config.environment import exported
from daicho.engine import pool
from daicho.ledger import recorder
from daicho.plan.prepare import Context
from daicho.task.find import DEFAULT


@dataclass
class Early:
    """What was started; who needs one takes it.

    Attributes:
        recorder: A recorder's process.
        worker: A worker's process.
    """

    recorder: Child | None = None
    worker: Child | None = None

    def take_recorder(self) -> Child | None:
        """The recorder's process, which is no longer ours."""
        taken, self.recorder = self.recorder, None
        return taken

    def take_worker(self) -> Child | None:
        """The worker's process, which is no longer ours."""
        taken, self.worker = self.worker, None
        return taken


@contextmanager
def early_if(surely: bool, context: Context, *, inline: bool) -> Iterator[Early]:
    """What is started early, if something must surely run: a recorder and, unless tasks run inline, a worker.

    What nobody has taken by the end of the block is ended.
    """
    early = _started(context, inline=inline) if surely else Early()
    try:
        yield early
    finally:
        for child in (early.take_recorder(), early.take_worker()):
            if child is not None:
                child.end()


def _started(context: Context, *, inline: bool) -> Early:
    context.project.make_folder()
    with exported(context.settings.variables):
        started = Early(recorder.started())
        if not inline:
            modules = context.settings.modules or (DEFAULT,)
            setup = pool.setup(str(context.root), modules, context.settings, None)
            started.worker = pool.started(setup, {**os.environ, **environment(context)})
    return started


def environment(context: Context) -> Mapping[str, str]:
    """What a worker finds in its environment beside this process's."""
    return {
        "MLFLOW_TRACKING_URI": context.store.uri,
        "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MPLBACKEND": "agg",  # a worker has no screen
    }
