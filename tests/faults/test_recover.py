"""Results that wait are recorded by one launch, and not while another one computes them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from daicho.engine.claims import leases_of
from daicho.engine.outbox import left_behind, waiting
from daicho.engine.recover import recover
from daicho.plan.prepare import open_project
from tests.faults.killing import visible, zygote

HOLDS = """
import sys
from pathlib import Path
from daicho.ledger.leases import Leases

leases = Leases(Path(sys.argv[1]))
assert all([leases.take(key) for key in sys.argv[2:]])
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def _held(file: Path, keys: list[str]) -> Iterator[None]:
    """Another process claims these keys meanwhile."""
    command = [sys.executable, "-c", HOLDS, str(file), *keys]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert b"held\n" == process.stdout.readline()
        yield
        process.communicate()


@pytest.mark.slow
def test_a_result_that_somebody_computes(session_folder: Path, tmp_path: Path) -> None:
    """What waits and is claimed goes on waiting; without the claim it is recorded, once."""
    with zygote(session_folder, tmp_path) as launches:
        root = launches.project()
        launches.launch(root, kill=["recorder", 60, "all"])
    context = open_project(root)
    keys = []
    for folder in left_behind(context):
        keys += [each.record.key or "" for each in waiting(folder)]
        folder.lock.release()
    assert keys
    with _held(leases_of(context.store).file, keys):
        assert (0, {}) == (recover(context), visible(root))
    assert len(keys) == recover(context)
    assert (len(keys), 0) == (len(visible(root)), recover(context))
