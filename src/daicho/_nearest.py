"""Did you mean: the nearest of some words, as a hint."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, words: Iterable[str]) -> tuple[str, ...]:
    """A hint that names the nearest of some words, or the words themselves where none is near."""
    known = sorted(set(words))
    folded = {each.casefold(): each for each in known}
    near = difflib.get_close_matches(word.casefold(), folded, n=1)
    if near:
        return (f"did you mean `{folded[near[0]]}`?",)
    return (f"there are: {', '.join(f'`{each}`' for each in known[:20])}",) if known else ()
