"""The question that tells whether results on a server still stand, for whoever has a ledger at hand."""

from __future__ import annotations

from collections.abc import Collection

from daicho.ledger import _marks as marks
from daicho.ledger.ledger import Ledger
from daicho.ledger.standing import question


def question_of(ledger: Ledger, digests: Collection[str]) -> str:
    """Ask for the runs, of the experiments that count, which bear one of these marks: see `standing`.

    Raises:
        StoreError: If the store cannot be asked which experiments these are.
    """
    return question(ledger._ask(ledger._experiments), [marks.short(each) for each in digests])
