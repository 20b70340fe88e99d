"""Pages for people: each is one file that needs no network, prints well, and is dark where its reader's screen is."""

from daicho.html.comparison import comparison_page
from daicho.html.page import render

__all__ = ["comparison_page", "render"]
