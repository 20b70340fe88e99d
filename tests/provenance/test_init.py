"""The public face of the package."""

from __future__ import annotations

import subprocess
import sys

from daicho import provenance


def test_the_public_names() -> None:
    """Exactly these names are public."""
    expected = [
        *("MASK", "Environment", "Git", "Machine", "Origin", "Snapshot", "first_party_files", "git_ignored"),
        *(
            "looks_secret",
            "mask_arguments",
            "mask_settings",
            "mask_url",
            "mask_value",
            "read_environment",
            "read_git",
        ),
        *("read_machine", "read_origin", "read_snapshot", "take_snapshot", "write_snapshot"),
    ]
    assert expected == provenance.__all__
    assert all(hasattr(provenance, name) for name in expected)


def test_importing_is_cheap() -> None:
    """Importing the package starts and loads nothing that only its functions need."""
    code = "import sys, daicho.provenance; print(sorted({'subprocess','zipfile','getpass','socket','importlib.metadata'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "[]" == done.stdout.strip()
