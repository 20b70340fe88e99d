"""What was another version where a reused result was made: named, though it did not count.

The light records that planning reads say by a digest whether their environment was this one. Only where it was not is
a record read in full, once for each environment; and all that only where somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from daicho.fingerprint.identity import Identity, minor
from daicho.plan.memory import Memory
from daicho.plan.plan import Decision, Plan
from daicho.plan.reasons import Reason
from daicho.provenance import read_environment
from daicho.record import Record

_MOST = 4  # versions that are named; the rest is counted
_ENVIRONMENT: Final = "environment"


def with_drift(plan: Plan, memory: Memory, identity: Identity) -> Plan:
    """The plan in which each reuse names the versions that differ.

    Args:
        plan: What was decided.
        memory: The ledger.
        identity: Knows which packages the code of a class imports.

    Raises:
        StoreError: If the store cannot be asked.
    """
    here = read_environment(identity.root).to_json()
    this = Record("", "", None, provenance={_ENVIRONMENT: here}).summary[_ENVIRONMENT]
    made: dict[str, Mapping[str, Any]] = {this: here}
    found = {
        task_id: _noted(decision, plan, task_id, _made_with(decision.record, memory, made), here, identity)
        if decision.verdict == "reuse" and decision.record is not None
        else decision
        for task_id, decision in plan
    }
    return replace(plan, decisions=found)


def differences(
    then: Mapping[str, Any], here: Mapping[str, Any], packages: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """What differs between two environments: name, version then (empty if it was not there), version here.

    Args:
        then: An environment as a record holds it.
        here: This one, in the same form.
        packages: The versions here of the packages that matter, beside Python itself.
    """
    python = minor(str(then.get("python", "")))
    if python and python != minor(str(here.get("python", ""))):
        yield "Python", python, minor(str(here.get("python", "")))
    installed = then.get("packages")
    if not isinstance(installed, Mapping):
        return
    for name, version in packages.items():
        if installed.get(name) != version:
            yield name, str(installed.get(name, "")), version


def _noted(
    decision: Decision,
    plan: Plan,
    task_id: str,
    then: Mapping[str, Any],
    here: Mapping[str, Any],
    identity: Identity,
) -> Decision:
    if then is here:
        return decision
    packages = identity.packages_of(type(plan.graph.nodes[task_id].task))
    text = _sentence(list(differences(then, here, packages)))
    return replace(decision, reasons=(*decision.reasons, Reason(_ENVIRONMENT, text))) if text else decision


def _made_with(record: Record, memory: Memory, made: dict[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """The environment of a record; empty where it is not known."""
    parts = record.provenance.get("parts") or {}
    digest = parts.get(_ENVIRONMENT) or f"run {record.run_id}"  # a record that is older than the digest
    if digest not in made:
        whole = memory.details(record)
        found = whole.provenance.get(_ENVIRONMENT) if whole is not None else None
        made[digest] = found if isinstance(found, Mapping) else {}
    return made[digest]


def _sentence(found: list[tuple[str, str, str]]) -> str:
    """`made with Python 3.11, scikit-learn 1.8; here 3.12, 1.9`."""
    if not found:
        return ""
    named = found[:_MOST]
    then = ", ".join(f"{name} {old}" if old else f"without {name}" for name, old, _ in named)
    more = f", and {len(found) - len(named)} more differ" if len(found) > len(named) else ""
    how = "made with" if named[0][1] else "made"
    return f"{how} {then}; here {', '.join(new for *_, new in named)}{more}"
