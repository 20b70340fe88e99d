"""The command's front door, with a quick way out that imports nothing."""

from __future__ import annotations

import os
import sys

from daicho._version import __version__


def main() -> int:
    """Run the command line of this process, and return its exit status."""
    _open_standard_streams()
    if sys.argv[1:] in (["--version"], ["-V"]) and sys.stdout is not None:
        sys.stdout.write(f"daicho {__version__}\n")
        return 0
    from daicho.cli.recall import question, recalled

    asked = question(sys.argv[1:])
    status = recalled(sys.argv[1:], asked)
    if status is not None:
        return status
    from daicho.cli.app import main as run

    return run(sys.argv[1:], asked)


def _open_standard_streams() -> None:
    """Where one is closed, the next file to be opened would take its number, and get what is printed."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: this one


if __name__ == "__main__":
    sys.exit(main())
