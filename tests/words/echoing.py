"""A child for the tests: answers what it is sent, says that the pipe has ended, or does not end at all."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from daicho._process import connect


def main() -> None:
    """Echo until the pipe ends; then write so into the file that was sent first."""
    pipe = connect()
    file = Path(pipe.recv())
    pipe.send({"path": sys.path, "cwd": os.getcwd(), "group": os.getpgid(0), "pid": os.getpid()})
    try:
        while True:
            message = pipe.recv()
            if message == "sleep":
                pipe.send("sleeping")
                time.sleep(600)
            pipe.send(message)
    except EOFError:
        file.write_text("the pipe has ended")


if __name__ == "__main__":
    main()
