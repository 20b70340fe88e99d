"""What the identity of code costs: a made-up project of 200 modules and about 33,000 lines, read cold and warm.

    python benchmarks/code_identity.py [--repeats N]

Prints the CPU time in milliseconds, medians over fresh processes: cold with nothing remembered, warm with the tables of
every file remembered by its digest.
"""

from __future__ import annotations

import argparse
import json
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


def main() -> None:
    """Write the project, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        lines = _write(root)
        cold, warm = [], []
        for _ in range(repeats):
            (root / "memory.db").unlink(missing_ok=True)
            cold.append(_measure(root))
            warm.append(_measure(root))
    report = {
        "modules": MODULES,
        "lines": lines,
        "symbols": cold[0]["symbols"],
        "cold_ms": round(statistics.median(each["ms"] for each in cold), 1),
        "warm_ms": round(statistics.median(each["ms"] for each in warm), 1),
        "python": sys.version.split()[0],
    }
    print(json.dumps(report, indent=2))


def _measure(root: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(root)], capture_output=True, text=True, check=True
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
