"""What was executed counts too: first-party code is run as it was hashed, and what runs of it is seen.

loaded = install(roots, expected)               once in each process that runs tasks, before the user's modules
with watching(loaded) as seen:                  around each `run()`, nothing more
    task.run()
extra = extra_of(seen, reader, known)           kept with the record
digest_now(reader, name) == extra[name]         on a later hit, for each
"""

from __future__ import annotations

from daicho.fingerprint.executed._loader import Loaded, install
from daicho.fingerprint.executed._symbols import digest_now, extra_of
from daicho.fingerprint.executed._watch import Seen, watching

__all__ = ["Loaded", "Seen", "digest_now", "extra_of", "install", "watching"]
