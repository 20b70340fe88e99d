"""Real worker processes: warm, captured, missed at once when they die, and never left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import wait
from pathlib import Path

import pytest

from daicho.config.settings import Settings
from daicho.digest import of_file
from daicho.engine.assignment import Assignment, Done, Entered
from daicho.engine.executor import Died, Happening, TimedOut
from daicho.engine.pool import Pool, setup
from daicho.record import Failure
from daicho.runtime import activate
from daicho.task.runtime import ProjectRuntime
from tests.engine.hands import Above, Hand
from tests.support.project import _SOURCES

PATIENCE = 60.0


def start(root: Path, code: dict[str, str] | None = None, modules: tuple[str, ...] = ()) -> Pool:
    """A pool of one worker that finds the tasks of `tests.engine.hands`, and loads these modules of the project."""
    environment = {"PYTHONPATH": os.pathsep.join([_SOURCES, str(Path(__file__).parents[2])])}
    return Pool(1, setup(str(root), modules, Settings(), code or {}), environment)


def given(
    pool: Pool,
    root: Path,
    what: str,
    place: Path | None = None,
    number: int = 0,
    timeout: float | None = None,
) -> Assignment:
    """Give the pool something to do."""
    with activate(ProjectRuntime(root, Settings())):
        task = Hand(what=what, place=str(place or root / "place"), number=number)
        folder = root / task.task_id
        assignment = Assignment(task.task_id, str(folder / "out"), str(folder / "log"), timeout=timeout)
        pool.submit(task, assignment)
    return assignment


def next_of(pool: Pool) -> Happening:
    """The next thing that happens, but for the phases of tasks."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        happened = pool.happened(wait(pool.connections(), timeout=0.2))
        found = [each for each in happened if not isinstance(each, Entered)]
        if found:
            assert 1 == len(found)
            return found[0]
    raise AssertionError("nothing happened")


def done(pool: Pool, root: Path, what: str, number: int = 0) -> tuple[object, str]:
    """Have something done; what it gave, and what it printed."""
    assignment = given(pool, root, what, number=number)
    happening = next_of(pool)
    assert isinstance(happening, Done)
    assert ("ran", None) == (happening.manifest.outcome, happening.manifest.failure)
    return json.loads((Path(assignment.stage) / "out.json").read_text()), Path(assignment.log).read_text()


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[Pool]:
    """A pool that is closed at the end."""
    made = start(tmp_path)
    yield made
    made.close()


def gone(pid: int) -> bool:
    """Whether a process has ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    if sys.platform != "linux":
        return False
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def until(happened: Callable[[], bool], what: str) -> None:
    """Wait until something has happened."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.02)


def test_a_worker_is_warm_and_captures_all(pool: Pool, tmp_path: Path) -> None:
    """One process runs many tasks, each with a log of its own that holds whatever was printed, by whom ever."""
    pid, log = done(pool, tmp_path, "pid")
    assert (True, "") == (pid != os.getpid(), log)
    _, log = done(pool, tmp_path, "say")
    expected = ["by C", "by a child", "by descriptor", "by print", "to stderr", "without an end"]
    assert expected == sorted(log.splitlines())
    for number in range(1, 30):
        assert (pid, "") == done(pool, tmp_path, "pid", number)


def test_tasks_travel_with_those_they_need(pool: Pool, tmp_path: Path) -> None:
    """A task that is another's value arrives as the same task, and its output is read from where it lies."""
    done(pool, tmp_path, "pid")
    with activate(ProjectRuntime(tmp_path, Settings())):
        above = Above(hand=Hand(what="pid", place=str(tmp_path / "place"), number=0))
        below = above.hand.task_id
        inputs = {(below, "out"): str(tmp_path / below / "out/out.json")}
        folder = tmp_path / above.task_id
        pool.submit(
            above,
            Assignment(above.task_id, str(folder / "out"), str(folder / "log"), inputs, {below: "hand"}),
        )
    happening = next_of(pool)
    assert isinstance(happening, Done)
    assert ["parameter:hand.number"] == list(happening.manifest.extra)
    assert 0 == json.loads((folder / "out/out.json").read_text())[1]


@pytest.mark.parametrize(
    ("what", "how"),
    [
        ("exit 0", "its process ended with exit status 0 before the task was done"),
        ("exit 3", "its process ended with exit status 3 before the task was done"),
        ("kill", "its process was ended by SIGKILL (often the system's answer when memory runs out)"),
        ("abort", "its process was ended by SIGABRT"),
    ],
)
def test_a_death_is_noticed(pool: Pool, tmp_path: Path, what: str, how: str) -> None:
    """However a process ends, its task is known to have died, and how; the next task has a fresh worker."""
    assignment = given(pool, tmp_path, what)
    assert Died(assignment.task_id, how) == next_of(pool)
    assert isinstance(done(pool, tmp_path, "pid")[0], int)


def test_failures_leave_the_worker_alone(pool: Pool, tmp_path: Path) -> None:
    """A task that raises, or calls sys.exit(), has failed; its process goes on."""
    pid, _ = done(pool, tmp_path, "pid")
    for what, message in (("raise", "ValueError: as told"), ("exit", "the task called sys.exit(4)")):
        given(pool, tmp_path, what)
        happening = next_of(pool)
        assert isinstance(happening, Done)
        assert isinstance(happening.manifest.failure, Failure)
        assert ("failed", message) == (happening.manifest.outcome, happening.manifest.failure.message)
    assert pid == done(pool, tmp_path, "pid", 1)[0]


def test_grandchildren_end_with_a_worker_that_dies(pool: Pool, tmp_path: Path) -> None:
    """What a task has started is gone when its worker died."""
    given(pool, tmp_path, "die with child")
    assert isinstance(next_of(pool), Died)
    left = int((tmp_path / "place").read_text())
    until(lambda: gone(left), "the end of the grandchild")


def test_grandchildren_end_with_the_pool(tmp_path: Path) -> None:
    """What tasks have left behind is gone when the pool is closed, as are its workers; closing twice is fine."""
    pool = start(tmp_path)
    pid, _ = done(pool, tmp_path, "child")
    pool.close()
    pool.close()
    assert isinstance(pid, int)
    until(lambda: gone(pid) and gone(int((tmp_path / "place").read_text())), "the end of all")


def test_a_worker_that_died_idle_harms_nobody(pool: Pool, tmp_path: Path) -> None:
    """What an earlier task left behind may end the process after it: the next task has a fresh one."""
    done(pool, tmp_path, "die later")
    (connection,) = pool.connections()
    assert connection.poll(60), "the end of the idle worker"  # its process is there a moment longer
    assert isinstance(done(pool, tmp_path, "pid")[0], int)


def test_stopping_lets_a_task_clean_up(pool: Pool, tmp_path: Path) -> None:
    """Cancelling raises KeyboardInterrupt in the task, which may clean up; its end is an interruption."""
    given(pool, tmp_path, "patient")
    until((tmp_path / "place").exists, "the beginning")
    pool.cancel()
    happening = next_of(pool)
    assert isinstance(happening, Done)
    assert ("interrupted", "cleaned up") == (happening.manifest.outcome, (tmp_path / "place").read_text())


def test_stopping_does_not_wait_for_ever(pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task that does not listen is killed after a grace."""
    monkeypatch.setattr("daicho.engine.pool._GRACE", 0.3)
    assignment = given(pool, tmp_path, "stubborn")
    until((tmp_path / "place").exists, "the beginning")
    pool.cancel()
    died = next_of(pool)
    assert isinstance(died, Died)
    assert (assignment.task_id, True) == (died.task_id, "SIGKILL" in died.how)


def test_code_that_was_edited_since_is_not_run(tmp_path: Path) -> None:
    """A worker that finds other code than the plan was made of runs nothing, and says which file."""
    file = tmp_path / "edited_tools.py"
    file.write_text("x = 1\n")
    pool = start(tmp_path, {str(file): of_file(file)}, ("edited_tools",))
    file.write_text("x = 2\n")
    try:
        given(pool, tmp_path, "pid")
        happening = next_of(pool)
    finally:
        pool.close()
    assert isinstance(happening, Done)
    assert happening.manifest.failure is not None
    assert "input" == happening.manifest.failure.error
    assert "edited_tools" in happening.manifest.failure.message


def test_a_worker_ends_with_its_parent(tmp_path: Path) -> None:
    """When the parent is killed, its workers end in the middle of their tasks, and all that these have started."""
    path = {"PYTHONPATH": os.pathsep.join([_SOURCES, str(Path(__file__).parents[2])])}
    place = tmp_path / "place"
    parent = subprocess.Popen(
        [sys.executable, "-m", "tests.engine.orphans", str(place)], env={**os.environ, **path}
    )
    until(lambda: place.exists() and bool(place.read_text()), "the beginning")
    left = int(place.read_text())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    until(lambda: gone(left), "the end of the worker's child")


def test_a_forked_process_does_not_hide_a_death(pool: Pool, tmp_path: Path) -> None:
    """A worker that dies is missed at once, though a process that its task forked holds the pipe open."""
    given(pool, tmp_path, "die with fork")
    assert isinstance(next_of(pool), Died)
    forked = int((tmp_path / "place").read_text())
    until(lambda: gone(forked), "the end of the forked process")


def test_a_task_that_is_too_slow_is_stopped(pool: Pool, tmp_path: Path) -> None:
    """After its time a task is interrupted, may clean up, and has timed out; the next one has a fresh process."""
    pid, _ = done(pool, tmp_path, "pid")
    assignment = given(pool, tmp_path, "patient", timeout=0.3)
    assert TimedOut(assignment.task_id) == next_of(pool)
    assert "cleaned up" == (tmp_path / "place").read_text()
    assert pid != done(pool, tmp_path, "pid", 1)[0]


def test_a_task_that_does_not_stop_is_ended(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is too slow and does not listen is killed after a grace, and has timed out as well."""
    monkeypatch.setattr("daicho.engine.pool._GRACE", 0.3)
    assignment = given(pool, tmp_path, "stubborn", timeout=0.3)
    assert TimedOut(assignment.task_id) == next_of(pool)


def test_time_counts_from_the_beginning(tmp_path: Path) -> None:
    """What a process needs to start, and to import the user's modules, is not the task's time."""
    (tmp_path / "slow_tools.py").write_text("import time\ntime.sleep(1.5)\nprint('imported')\n")
    pool = start(tmp_path, modules=("slow_tools",))
    try:
        assignment = given(pool, tmp_path, "pid", timeout=1.0)
        happening = next_of(pool)
    finally:
        pool.close()
    assert isinstance(happening, Done)
    assert ("ran", "imported\n") == (happening.manifest.outcome, Path(assignment.log).read_text())


def test_a_task_that_is_done_in_time_is_left_alone(pool: Pool, tmp_path: Path) -> None:
    """A limit that is kept changes nothing."""
    given(pool, tmp_path, "pid", timeout=60)
    happening = next_of(pool)
    assert isinstance(happening, Done)
    assert "ran" == happening.manifest.outcome


def test_only_so_many_start_at_once(tmp_path: Path) -> None:
    """Of the processes that a pool may have only those start that are needed."""
    pool = Pool(3, setup(str(tmp_path), (), Settings(), {}), {}, ready=1)
    try:
        assert 1 == len(pool.connections())
    finally:
        pool.close()
