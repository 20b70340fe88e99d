"""`python -m daicho` is `daicho`."""

from __future__ import annotations

import sys

from daicho.cli.__main__ import command

if __name__ == "__main__":
    sys.exit(command())
