"""`daicho doctor`: whether all is well."""

from __future__ import annotations

from daicho.cli.options import Place, command
from daicho.cli.printer import Answer, Printer

EXAMPLES = """
daicho doctor          look at everything
daicho doctor --json   for a monitor: exit status 1 when something is wrong
"""


@command("doctor", examples=EXAMPLES)
def doctor(printer: Printer, place: Place) -> Answer:
    """Look at the configuration, the store, the clock, the local files and what waits, and say what to do.

    Nothing is changed. The exit status is 1 when something is wrong.
    """
    from daicho.cli.views import doctor as view
    from daicho.verbs.doctor import doctor as look

    found = look(folder=place.folder, config=place.config)
    return Answer(
        found.to_json(), lambda screen: view.lines(found, width=screen.width), exit_status=found.exit_status
    )
