"""The manual is true: its commands run and print what it says, its code holds, and the reference is the code's."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from daicho.cli.app import COMMANDS
from tests.support.project import Project

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = ("tutorial", "howto", "concepts")

_BLOCK = re.compile(r'^```(\w+)(?: title="(.+?)")?\n(.*?)^```$', re.DOTALL | re.MULTILINE)


@dataclass
class _Reader:
    """Somebody who does what a page says, in one folder after the other."""

    project: Project
    folder: Path = field(init=False)

    def __post_init__(self) -> None:
        self.folder = self.project.root
        self.bin = self.project.home / "bin"
        self.bin.mkdir(parents=True)
        self.folder.mkdir(parents=True)
        for name, words in (("daicho", "-m daicho"), ("python", "")):
            (self.bin / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
            (self.bin / name).chmod(0o755)

    def console(self, block: str) -> None:
        """Type each command, and see that what it prints is what stands below it."""
        for typed in block.split("$ ")[1:]:
            command, _, expected = typed.partition("\n")
            if command.startswith("cd "):
                self.folder = (self.folder / command[3:]).resolve()
                continue
            printed = self._run("sh", "-c", command)
            wanted = ".*?".join(re.escape(part) for part in expected.strip().split("…"))
            assert not wanted or re.fullmatch(wanted, printed.strip(), re.DOTALL), f"{command}:\n{printed}"

    def python(self, block: str, title: str) -> None:
        """Write a file, or run the code."""
        if title:
            (self.folder / title).write_text(block)
        else:
            self._run(sys.executable, "-c", block)

    def _run(self, *command: str) -> str:
        environment = self.project.environment()
        path = f"{self.bin}:{environment['PATH']}"
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**environment, "PATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert 0 == done.returncode, f"{command}:\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_true(page: str, tmp_path: Path) -> None:
    """From its beginning to its end, a page's commands and code do what it says."""
    reader = _Reader(Project(tmp_path / "reader", tmp_path / "home", tmp_path))
    for language, title, block in _BLOCK.findall((DOCS / f"{page}.md").read_text("utf-8")):
        match language:
            case "console":
                reader.console(block)
            case "python":
                reader.python(block, title)
            case "toml":
                assert tomllib.loads(block)
            case _:
                pytest.fail(f"nobody knows what to do with a block of {language}")


def test_every_link_leads_somewhere() -> None:
    """The pages that the manual's pages name are there."""
    for page in ("index", *PAGES):
        links = re.findall(r"\]\(([\w-]+\.md)\)", (DOCS / f"{page}.md").read_text("utf-8"))
        assert [] == [link for link in links if not (DOCS / link).is_file()]


def test_the_reference_is_what_the_code_says() -> None:
    """docs/reference.md is what `python tools/reference.py` writes."""
    spec = importlib.util.spec_from_file_location("reference", ROOT / "tools" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)

    page = tool.page()

    assert (DOCS / "reference.md").read_text("utf-8") == page, "make it anew: python tools/reference.py"
    assert [True] * len(COMMANDS) == [f"### daicho {name}" in page for name in COMMANDS]
