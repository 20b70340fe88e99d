"""The command's front door, with a quick way out that imports nothing."""

from __future__ import annotations

import atexit
import io
import os
import sys

from daicho._version import __version__

TYPE_CHECKING = False  # `typing` itself costs 6 ms
if TYPE_CHECKING:
    from collections.abc import Callable


def main(*, alone: bool = False) -> int:
    """Run the command line of this process, and return its exit status.

    Args:
        alone: Whether that is all that this process is for.
    """
    _open_standard_streams()
    if sys.argv[1:] in (["--version"], ["-V"]) and sys.stdout is not None:
        sys.stdout.write(f"daicho {__version__}\n")
        return 0
    from daicho.cli.recall import question, recalled

    asked = question(sys.argv[1:])
    status = recalled(sys.argv[1:], asked)
    if status is not None:
        return status
    from daicho._copy import claim
    from daicho.cli.app import main as run

    if alone:
        claim()
    return run(sys.argv[1:], asked)


def command() -> int:
    """Run the command line as the whole work of this process."""
    leave = _leaving()
    status = main(alone=True)
    leave(status)
    return status


def _leaving() -> Callable[[int], None]:
    """A way out that leaves all as it stands, after threads and exit handlers: to take modules apart one by one costs
    half a second once pandas and scikit-learn are loaded. Only where nobody is here who may want to see the very end.
    """
    statuses: list[int] = []

    def end() -> None:
        if not statuses:
            return
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except (OSError, ValueError, AttributeError):
            return  # Python's own way out says so
        _flush()
        os._exit(statuses[0])

    # Inline, tasks run in this very process, and what they hold is to be let go.
    inline = {"--inline", "--pdb"}.intersection(sys.argv)
    if not inline and not _handlers():
        atexit.register(end)  # the first of all is called last of all
    return statuses.append


def _flush() -> None:
    """Write what the files hold that the user's own modules have opened and nobody has closed."""
    libraries = sys.prefix, sys.base_prefix, os.path.dirname(os.__file__)
    for module in list(sys.modules.values()):
        names = getattr(module, "__dict__", {})
        if str(names.get("__file__") or libraries[0]).startswith(libraries):
            continue
        for each in list(names.values()):
            if issubclass(type(each), io.IOBase):
                try:
                    each.flush()
                except (OSError, ValueError):
                    continue  # it is closed, or only read


def _handlers() -> int:
    count: Callable[[], int] | None = getattr(atexit, "_ncallbacks", None)
    return 1 if count is None else count()


def _open_standard_streams() -> None:
    """Where one is closed, the next file to be opened would take its number, and get what is printed."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # It takes the lowest free number, this one; processes that are started have it, too.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


if __name__ == "__main__":
    sys.exit(command())
