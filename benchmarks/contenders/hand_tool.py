"""A script by hand that writes what a task writes and reads it once to digest it, and records nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from jobs import Job

from contenders.base import Tool

_HEAD: Final = """\
import hashlib, os
from benching import filled, put, read_big, write_big, write_many

os.makedirs("out", exist_ok=True)

def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
"""

_BIG: Final = (
    _HEAD
    + """\
write_big("out/big.bin", @SIZE@)
digest("out/big.bin")
put("out/value.json", filled(read_big("out/big.bin")))
"""
)

_FOLDER: Final = (
    _HEAD
    + """\
write_many("out/many", @SIZE@)
for entry in sorted(os.listdir("out/many")):
    digest(f"out/many/{entry}")
"""
)

_TEXTS: Final = {"big": _BIG, "folder": _FOLDER}


def _files(job: Job) -> Mapping[str, str]:
    return {"pipeline.py": job.fill(_TEXTS[job.workload])}


def _command(job: Job, mode: str) -> Sequence[str] | None:
    return ["python", "pipeline.py"] if mode == "cold" else None


TOOL = Tool(
    "hand",
    [],
    _files,
    _command,
    workloads=("big", "folder"),
    note="records nothing: what writing, one digest and reading take by themselves",
)
