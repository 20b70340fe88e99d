"""Where a result came from: the commit, the environment, the machine and the source files.

Each value is a frozen dataclass with `to_json()`; a function beside it gathers it. None of this is
part of a key: it is written down with the result, for people and for rebuilding it.
"""

from __future__ import annotations

from daicho.provenance.archive import read_snapshot, write_snapshot
from daicho.provenance.environment import Environment, read_environment
from daicho.provenance.first_party import first_party_files, git_ignored
from daicho.provenance.git import Git, read_git
from daicho.provenance.machine import Machine, read_machine
from daicho.provenance.masking import MASK, mask_url
from daicho.provenance.origin import Origin, read_origin
from daicho.provenance.secrets import looks_secret, mask_arguments, mask_settings, mask_value
from daicho.provenance.snapshot import Snapshot, take_snapshot

__all__ = [
    "MASK",
    "Environment",
    "Git",
    "Machine",
    "Origin",
    "Snapshot",
    "first_party_files",
    "git_ignored",
    "looks_secret",
    "mask_arguments",
    "mask_settings",
    "mask_url",
    "mask_value",
    "read_environment",
    "read_git",
    "read_machine",
    "read_origin",
    "read_snapshot",
    "take_snapshot",
    "write_snapshot",
]
