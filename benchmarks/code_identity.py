"""What the identity of code costs: a made-up project of 200 modules and about 33,000 lines, and a task of many calls.

    python benchmarks/code_identity.py [--repeats N]

Prints CPU times in milliseconds, medians over fresh processes:

    cold_ms, warm_ms    reading the code, with nothing remembered, and with every file remembered by its digest
    import_ms           importing it: by Python's own loader with its `.pyc`, by ours at first, and with kept code
    watch_percent       how much longer 600,000 calls of tiny functions take while they are watched
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

MODULES = 200
FUNCTIONS = 12

_MEASURE = """
import importlib, json, sys, time
from pathlib import Path
root = Path(sys.argv[1])
sys.path.insert(0, str(root))
tasks = importlib.import_module("tasks")
from daicho.fingerprint.code import Reader
begun = time.process_time()
code = Reader([root], memory=root / "memory.db").code_of(tasks.Everything)
print(json.dumps({"ms": (time.process_time() - begun) * 1000, "symbols": len(code.symbols)}))
"""

_IMPORT = """
import importlib, json, sys, time
from pathlib import Path
root, by = Path(sys.argv[1]), sys.argv[2]
sys.path.insert(0, str(root))
sys.dont_write_bytecode = by != "python"
import daicho
from daicho import Task, output
from daicho.fingerprint.executed import install
if by != "python":
    install([root], {}, root / "kept")
begun = time.process_time()
importlib.import_module("tasks")
print(json.dumps({"ms": (time.process_time() - begun) * 1000}))
"""
_WATCH = """
import importlib, json, sys, time
from contextlib import nullcontext
from pathlib import Path
root, watched = Path(sys.argv[1]), sys.argv[2] == "watched"
sys.path.insert(0, str(root))
from daicho.fingerprint.executed import install, watching
loaded = install([root]) if watched else None
calls = importlib.import_module("calls")
def once():
    begun = time.process_time()
    with watching(loaded) if watched else nullcontext():
        calls.run()
    return (time.process_time() - begun) * 1000
once()
print(json.dumps({"ms": min(once() for _ in range(5))}))
"""
_CALLS = """
import helpers
from helpers import loop, small

def own(x):
    return x + helpers.STEP

class Thing:
    def method(self, x):
        return own(x)

def run():
    thing, total = Thing(), 0
    for i in range(60_000):
        total += small(i) + helpers.small(i) + own(i) + thing.method(i) + loop(i)
    return total
"""
_HELPERS = """
STEP = 3

def small(x):
    return x * STEP

def loop(x):
    return sum([small(i) for i in range(5)])
"""


def main() -> None:
    """Write the project, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        lines = _write(root)
        cold, warm = [], []
        times: dict[str, list[float]] = {}
        (root / "calls.py").write_text(_CALLS, "utf-8")
        (root / "helpers.py").write_text(_HELPERS, "utf-8")
        _measure(root, _IMPORT, "python")  # writes what Python keeps
        for _ in range(repeats):
            (root / "memory.db").unlink(missing_ok=True)
            cold.append(_measure(root))
            warm.append(_measure(root))
            shutil.rmtree(root / "kept", ignore_errors=True)
            for by in ("python", "first", "kept"):
                times.setdefault(by, []).append(_measure(root, _IMPORT, by)["ms"])
            for how in ("plain", "watched"):
                times.setdefault(how, []).append(_measure(root, _WATCH, how)["ms"])
    middle = {name: round(statistics.median(each), 1) for name, each in times.items()}
    report = {
        "modules": MODULES,
        "lines": lines,
        "symbols": cold[0]["symbols"],
        "cold_ms": round(statistics.median(each["ms"] for each in cold), 1),
        "warm_ms": round(statistics.median(each["ms"] for each in warm), 1),
        "import_ms": {name: middle[name] for name in ("python", "first", "kept")},
        "watch_percent": round((middle["watched"] / middle["plain"] - 1) * 100, 1),
        "python": sys.version.split()[0],
    }
    print(json.dumps(report, indent=2))


def _measure(root: Path, program: str = _MEASURE, *arguments: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", program, str(root), *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _write(root: Path) -> int:
    lines = 0
    (root / "lib").mkdir()
    (root / "lib" / "__init__.py").write_text("", "utf-8")
    for number in range(MODULES):
        text = [f'"""Module {number}."""', "", f"SCALE = {number}", ""]
        if number:
            text.insert(2, f"from lib.m{number - 1} import work0 as below")
        for each in range(FUNCTIONS):
            text += [
                f"def work{each}(values):",
                f'    """Work {each}."""',
                "    total = 0",
                "    for value in values:",
            ]
            text += [f"        total += value * {step} + SCALE  # step {step}" for step in range(8)]
            text += [f"    return total + {'below(values)' if number and not each else each}", ""]
        lines += len(text)
        (root / "lib" / f"m{number}.py").write_text("\n".join(text), "utf-8")
    imports = [f"from lib import m{number}" for number in range(MODULES)]
    calls = [f"            m{number}.work{number % FUNCTIONS}([1])," for number in range(MODULES)]
    tasks = [
        "from daicho import Task, output",
        *imports,
        "",
        "class Everything(Task):",
        '    o = output("o.json")',
        "    def run(self):",
        "        self.o.save([",
        *calls,
        "        ])",
    ]
    (root / "tasks.py").write_text("\n".join(tasks), "utf-8")
    return lines + len(tasks)


if __name__ == "__main__":
    main()
