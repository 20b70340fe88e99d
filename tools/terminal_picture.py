"""Make docs/images/terminal.svg from a real terminal: the Titanic example, run, edited, and run again.

Needs tmux, and daicho in the environment that runs this: `python tools/terminal_picture.py`.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "images" / "terminal.svg"
COLUMNS = 100
COMMANDS = ("daicho run", "daicho run", "daicho status Trainer.seed=1", "daicho run Trainer.seed=1")


def main() -> None:
    """Run the commands in a terminal, and draw what stands there afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "titanic"
        shutil.copytree(ROOT / "examples" / "titanic", project)
        for step in (("init", "-q"), ("add", "."), ("commit", "-qm", "The Titanic example")):
            who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
            subprocess.run(["git", *who, *step], cwd=project, check=True)
        screen = _session(project)
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    console.print(Text.from_ansi(screen.rstrip("\n")))
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    drawn = console.export_svg(title="daicho")
    PICTURE.write_text(re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL), encoding="utf-8")


def _session(project: Path) -> str:
    name = f"daicho-{os.getpid()}"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    shell = ("env", f"PATH={path}", "PS1=$ ", "TERM=xterm-256color", "bash", "--norc", "--noprofile")
    size = ("-x", str(COLUMNS), "-y", "60")
    subprocess.run(["tmux", "new-session", "-d", "-s", name, *size, "-c", str(project), *shell], check=True)
    try:
        for number, command in enumerate(COMMANDS):
            done = project / f".done-{number}"
            subprocess.run(
                ["tmux", "send-keys", "-t", name, f"{command}; echo; touch {done}", "Enter"], check=True
            )
            while not done.exists():
                time.sleep(0.2)
        time.sleep(0.5)
        captured = subprocess.run(
            ["tmux", "capture-pane", "-t", name, "-p", "-e"], check=True, capture_output=True, text=True
        ).stdout
    finally:
        subprocess.run(["tmux", "kill-session", "-t", name], check=False)
    return "\n".join(line.partition("; echo; touch ")[0] for line in captured.splitlines())


if __name__ == "__main__":
    main()
