"""Is a task's result the same twice? Recorded tasks are run once more and compared with their records."""

from daicho.verifying.verification import Verification, VerifiedTask
from daicho.verifying.verify import verify

__all__ = ["Verification", "VerifiedTask", "verify"]
