"""The benchmark suite: the same work through daicho and through other tools, interleaved, in one run.

    python benchmarks/run.py                                    wide 10 and 100, the chain, Titanic; all tools
    python benchmarks/run.py -w wide -n 100,1000 -t daicho,script -r 3
    python benchmarks/run.py -w wide -n 100 -t daicho,script -m cold --server -j 2
    python benchmarks/run.py -w start                           how long the command takes to start

Each tool lives in an environment of its own below --root, made at first use (with uv if that is there). Prints a
table of medians, and writes every single measurement to a JSON file. Compare ratios within one run: machines differ,
and are noisy.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from contenders import ALL
from contenders.base import Tool
from jobs import MODES, WORKLOADS, Job, job, write_passengers
from measure import environment, measure
from report import table
from server import serving

HERE = Path(__file__).parent
PASSENGERS = HERE.parent / "examples" / "titanic" / "input" / "train.csv"
SIZES = {"chain": 200, "titanic": 3, "big": 1024, "folder": 10_000, "sleep": 40}
LIMIT = 120.0
"""Seconds after which a tool is left out of the larger sizes, with a word, if nobody says otherwise."""


def main() -> None:
    """Measure what was asked for, and print it."""
    asked = _asked()
    root: Path = asked.root
    tools = [ALL[name] for name in asked.tools]
    binaries = {tool.name: _installed(tool, root) for tool in tools}
    rows: list[dict[str, Any]] = []
    late: set[str] = set()
    (root / "work").mkdir(parents=True, exist_ok=True)
    if asked.workloads == ["start"]:
        rows += _starts(binaries["daicho"], root, asked.repeats)
    for one in _jobs(asked):
        for repeat in range(asked.repeats):
            for tool in tools:  # round the tools, so that what disturbs the machine disturbs all
                if one.workload not in tool.workloads or tool.name in late:
                    continue
                with _store(asked.server and tool.serves, root, binaries) as store:
                    found = list(_sequence(tool, one, asked, binaries[tool.name], store))
                if any(row["status"] is None for row in found):
                    late.add(tool.name)
                    print(
                        f"{tool.name} took over {asked.limit:.0f} s, and is left out from here",
                        file=sys.stderr,
                    )
                if one.workload == "big":  # few files, but large ones
                    _emptied(root / "work")
                rows += [{"repeat": repeat, "server": bool(store), **row} for row in found]
    _save(asked.out, rows, binaries)
    print(table(rows))
    _emptied(root / "work")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )

    def listed(text: str) -> list[str]:
        return text.split(",")

    parser.add_argument("-w", "--workloads", type=listed, default=["wide", "chain", "titanic"])
    parser.add_argument(
        "-n", "--sizes", type=lambda text: [int(each) for each in text.split(",")], default=[10, 100]
    )
    parser.add_argument("-t", "--tools", type=listed, default=list(ALL))
    parser.add_argument("-m", "--modes", type=listed, default=list(MODES))
    parser.add_argument("-r", "--repeats", type=int, default=3)
    parser.add_argument(
        "-j",
        "--workers",
        type=lambda text: [int(each) for each in text.split(",")],
        default=None,
        help="how many tasks daicho and Luigi may run at once (default: 2 and 8 for sleep, else 1)",
    )
    parser.add_argument(
        "--limit", type=float, default=LIMIT, help="seconds after which a tool is left out (default: 120)"
    )
    parser.add_argument("--server", action="store_true", help="keep the records on an MLflow server")
    parser.add_argument("--root", type=Path, default=HERE.parent / ".benchmarks")
    parser.add_argument("-o", "--out", type=Path, default=None, help="a JSON file (default: in --root)")
    asked = parser.parse_args()
    unknown = {*asked.workloads} - {*WORKLOADS, "start"} | {*asked.tools} - {*ALL} | {*asked.modes} - {*MODES}
    if unknown:
        parser.error(f"not known: {', '.join(sorted(unknown))}")
    asked.root = asked.root.resolve()
    asked.out = asked.out or asked.root / time.strftime("%Y%m%dT%H%M%S.json")
    return asked


def _jobs(asked: argparse.Namespace) -> Iterator[Job]:
    for workload in asked.workloads:
        if workload == "start":
            continue
        together = asked.workers or ([2, 8] if workload == "sleep" else [1])
        sizes = asked.sizes if workload == "wide" else [SIZES[workload]]
        yield from (job(workload, size, workers) for size in sizes for workers in together)


def _sequence(
    tool: Tool, one: Job, asked: argparse.Namespace, binaries: Path, store: str | None
) -> Iterator[dict[str, Any]]:
    """A new project, and the modes one after the other, each edit on top of the one before.

    What earlier ones made is left until the end: for minutes after thousands of files were deleted, ext4 takes longer
    to make new ones, which would count against whoever comes next.
    """
    root, modes = asked.root, asked.modes
    folder = Path(tempfile.mkdtemp(prefix=f"{tool.name}-", dir=root / "work"))
    surroundings = environment(folder, _home(tool.name, root), binaries)
    if store is not None:
        surroundings |= {"MLFLOW_TRACKING_URI": store, "BENCH_STORE": store}
    if one.workload == "titanic":
        write_passengers(folder / "input", PASSENGERS)
    _write(folder, {**one.files(), **tool.files(one)})
    for command in tool.prepare:
        measure(command, folder, surroundings, asked.limit)
    only = (
        modes if one.workload in ("wide", "titanic") else [each for each in modes if each in ("cold", "noop")]
    )
    for mode in only:
        after = one.after(mode)
        command = tool.command(after, mode)
        if command is None or (one.workload == "titanic" and mode in ("comment", "same", "helper")):
            continue
        one = after
        _write(folder, {**one.files(), **tool.files(one)})
        if mode == "clone":
            for name in tool.forget:
                shutil.rmtree(folder / name, ignore_errors=True)
        if mode == "noop":
            time.sleep(2.5)  # a person does not ask again within the grain of file times
            # What is remembered, is remembered by this one.
            measure(command, folder, surroundings, asked.limit)
        found = measure(command, folder, surroundings, asked.limit)
        yield {"tool": tool.name, "workload": one.workload, "size": one.size, "workers": one.workers, "mode": mode,
               **found.to_json(), **_right(folder, one)}  # fmt: skip
        if found.status != 0:
            print(f"{tool.name} {mode}: {found.said}", file=sys.stderr)
            return


def _right(folder: Path, one: Job) -> dict[str, Any]:
    """How many task bodies ran, and whether the last of them that ever ran gave what this state of the code gives."""
    trace = folder / ".trace"
    lines = trace.read_text("utf-8").splitlines() if trace.exists() else []
    trace.unlink(missing_ok=True)
    ends = [line for line in lines if line.startswith("end")]
    kept = folder / ".end"
    if ends:
        kept.write_text(ends[-1], encoding="utf-8")
    last = kept.read_text("utf-8") if kept.exists() else None
    return {"ran": len(lines), "right": None if one.end is None else last == one.end}


def _starts(binaries: Path, root: Path, repeats: int) -> list[dict[str, Any]]:
    folder = Path(tempfile.mkdtemp(prefix="start-", dir=root / "work"))
    surroundings = environment(folder, _home("start", root), binaries)
    found = []
    for _ in range(max(repeats, 5)):
        for words in (["--version"], ["--help"]):
            took = measure(["daicho", *words], folder, surroundings, LIMIT)
            found.append({"tool": "daicho", "workload": "start", "size": 0, "workers": 1, "mode": words[0],
                          **took.to_json(), "ran": 0, "right": None})  # fmt: skip
        bare = measure(["python", "-c", "pass"], folder, surroundings, LIMIT)
        found.append({"tool": "python", "workload": "start", "size": 0, "workers": 1, "mode": "pass",
                      **bare.to_json(), "ran": 0, "right": None})  # fmt: skip
    return found


def _installed(tool: Tool, root: Path) -> Path:
    """The `bin` folder of a tool's environment, which is made if it is not there."""
    home = root / "environments" / (tool.lives_with or tool.name)
    binaries = home / "bin"
    if not (home / ".ready").exists():
        print(f"installing {tool.name}", file=sys.stderr)
        packages = [
            *tool.packages,
            "pandas",
            "scikit-learn",
            *(["skops"] if tool.version_of == "daicho" else []),
        ]
        uv = shutil.which("uv")
        if uv:
            subprocess.run([uv, "venv", "-q", "--clear", "-p", sys.executable, str(home)], check=True)
            install = [uv, "pip", "install", "-q", "--compile-bytecode", "-p", str(binaries / "python")]
        else:
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
            install = [str(binaries / "python"), "-m", "pip", "install", "-q"]
        subprocess.run([*install, *packages], check=True)
        (home / ".ready").touch()
    return binaries


@contextmanager
def _store(wanted: bool, root: Path, binaries: Mapping[str, Path]) -> Iterator[str | None]:
    if not wanted:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="server-", dir=root / "work"))
    with serving(folder, next(iter(binaries.values()))) as address:
        yield address


def _emptied(folder: Path) -> None:
    for each in folder.iterdir():
        shutil.rmtree(each)


def _home(name: str, root: Path) -> Path:
    """The home of somebody who has used a tool before, in other projects."""
    return root / "homes" / name


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, encoding="utf-8")


def _save(out: Path, rows: Sequence[Mapping[str, Any]], binaries: Mapping[str, Path]) -> None:
    versions = {
        name: _version(ALL[name], folder) for name, folder in binaries.items() if ALL[name].version_of
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    document = {"python": sys.version.split()[0], "versions": versions, "rows": list(rows)}
    out.write_text(json.dumps(document, indent=1), encoding="utf-8")
    print(f"measurements: {out}", file=sys.stderr)


def _version(tool: Tool, binaries: Path) -> str:
    code = f"import importlib.metadata; print(importlib.metadata.version({tool.version_of!r}))"
    return subprocess.run(
        [binaries / "python", "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


if __name__ == "__main__":
    main()
