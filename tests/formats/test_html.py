"""html: a page, character for character."""

from __future__ import annotations

from typing import Any

from tests.formats.conformance import RepeatingConformance


class TestHtml(RepeatingConformance):
    """html keeps the promises of a format."""

    name = "html"
    file = "report.html"
    wrong = b"<p>"

    def values(self) -> list[Any]:
        return ["<p>é</p>\r\n", ""]
