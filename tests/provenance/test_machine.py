"""The machine and the account of this process."""

from __future__ import annotations

import getpass
import os
import pwd
import socket

import pytest

from daicho.provenance import read_machine


def test_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Host, user, processors and memory are those that the system names."""
    monkeypatch.setenv("LOGNAME", "ada")
    found = read_machine()
    assert (socket.gethostname(), "ada") == (found.host, found.user)
    assert 1 <= found.cpus <= (os.cpu_count() or 1)
    assert found.memory > 2**26
    assert {"host": found.host, "user": "ada", "cpus": found.cpus, "memory": found.memory} == found.to_json()


def test_an_account_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """An account that has a number only is named by that."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)

    def nobody(uid: int) -> pwd.struct_passwd:
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", nobody)
    with pytest.raises((KeyError, OSError)):
        getpass.getuser()
    assert f"uid-{os.getuid()}" == read_machine().user
