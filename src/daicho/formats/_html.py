"""html: a page as text, character for character; what draws itself as HTML is turned into text by its owner."""

from __future__ import annotations

from daicho.formats._text import Text


class Html(Text):
    """Saves a str."""

    name = "html"
    suffixes: tuple[str, ...] = (".html", ".htm")
    hint = "save the text that its `.to_html()` gives, with fixed ids where the library draws them by chance"
