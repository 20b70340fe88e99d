"""Names of launches that a person can remember and say: `calm-harbour-41`."""

from __future__ import annotations

import secrets

_FIRST = (
    "amber", "bold", "brave", "bright", "brisk", "calm", "clear", "crisp", "deep", "early", "fair", "fine", "fresh",
    "gentle", "golden", "grand", "green", "hazel", "keen", "kind", "light", "lively", "lucid", "mellow", "merry",
    "mild", "misty", "noble", "pale", "patient", "plain", "proud", "quick", "quiet", "rapid", "royal", "rustic",
    "sharp", "silent", "silver", "smooth", "snowy", "solid", "steady", "still", "sunny", "swift", "tidy", "warm",
    "wide", "wild", "wise",
)  # fmt: skip
_SECOND = (
    "arch", "bay", "beacon", "birch", "breeze", "bridge", "brook", "canyon", "cedar", "cliff", "cloud", "coast",
    "comet", "coral", "cove", "creek", "delta", "dune", "ember", "falcon", "field", "fjord", "forest", "fox",
    "garden", "glade", "grove", "harbour", "heron", "hill", "island", "lake", "lantern", "maple", "meadow", "mesa",
    "moon", "mountain", "oak", "orchard", "otter", "pine", "plain", "pond", "reef", "ridge", "river", "shore",
    "spring", "star", "stone", "stream", "summit", "tide", "trail", "valley", "willow", "wood",
)  # fmt: skip


def new_name() -> str:
    """A new name, one of some 270,000; it is for people, and need not be the only one."""
    return f"{secrets.choice(_FIRST)}-{secrets.choice(_SECOND)}-{secrets.randbelow(90) + 10}"
