"""`python -m daicho` is `daicho`."""

from __future__ import annotations

import sys

from daicho.cli.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
