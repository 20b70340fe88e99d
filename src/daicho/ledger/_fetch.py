"""Bringing what lies elsewhere here: into a cache by content, verified before anybody sees it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path

from daicho.errors import CorruptError, DaichoError
from daicho.ledger import _artifacts, cache
from daicho.ledger._artifacts import State
from daicho.ledger._client import ClientReader
from daicho.ledger._errors import explain, explained
from daicho.ledger._escape import unescape_below
from daicho.ledger._rows import Reader, Surprise
from daicho.ledger.store import Store
from daicho.record import OutputRecord, Record


class Fetcher:
    """Artifacts of one store, by plain HTTP where the server hands them out, else by MLflow's client."""

    def __init__(self, store: Store, reader: Reader, client: ClientReader, cache: Path) -> None:
        self._store = store
        self._reader = reader
        self._client = client
        self._cache = cache

    def bytes_of(self, run_id: str, uri: str, name: str) -> bytes | None:
        """The bytes of a small artifact; None if it is not there."""
        folder = _artifacts.local(uri, self._store)
        if folder is not None:
            try:
                return (folder / name).read_bytes()
            except OSError:
                return None
        with tempfile.TemporaryDirectory(prefix="daicho-") as space:
            target = Path(space) / "artifact"
            return target.read_bytes() if self._download(run_id, uri, name, False, target) else None

    def cached(self, record: Record, output: OutputRecord, digest_of: Callable[[Path], str]) -> Path:
        """An output in the cache, brought there if it is not, verified in any case."""
        place = self._place(output)
        if _artifacts.digest(place, output.folder, digest_of) == output.digest:
            cache.used(place.parent)
            return place
        actual = self._bring(record, output)
        if actual != output.digest:
            raise self._corrupt(record, output, actual)
        return place

    def has(self, output: OutputRecord) -> bool:
        """Whether an output is in the cache; what lies there may yet be damaged."""
        return self._place(output).exists()

    def verify(self, record: Record, output: OutputRecord, digest_of: Callable[[Path], str]) -> State:
        """Fetch an output anew and compare; what is right is in the cache afterwards."""
        actual = self._bring(record, output)
        return "ok" if actual == output.digest else "missing" if actual is None else "changed"

    def _place(self, output: OutputRecord) -> Path:
        return self._cache / output.digest[:2] / output.digest / Path(output.name).name

    def _bring(self, record: Record, output: OutputRecord) -> str | None:
        """Download, and put it into its place if it is right; the digest of what came, None if nothing did."""
        with explained(self._store):
            return self._brought(record, output)

    def _brought(self, record: Record, output: OutputRecord) -> str | None:
        self._cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=self._cache) as space:
            target = Path(space) / "artifact"
            run_id, uri = record.run_id or "", record.artifact_uri or ""
            if not self._download(run_id, uri, output.name, output.folder, target):
                return None
            actual = _artifacts.digest_fresh(target, output.folder)
            if actual == output.digest:
                _settle(target, self._place(output))
            return actual

    def _download(self, run_id: str, uri: str, name: str, folder: bool, target: Path) -> bool:
        if not folder:
            try:
                return self._reader.download(uri, name, target)
            except Surprise:
                pass
            except DaichoError:
                raise
            except (OSError, HTTPException):  # it broke off
                self._reader.close()
        return self._download_by_client(run_id, name, target)

    def _download_by_client(self, run_id: str, name: str, target: Path) -> bool:
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=target.parent) as space:
            try:
                found = self._client.client.download_artifacts(run_id, name, space)
            except Exception as error:
                if self._there(run_id, name):
                    raise explain(error, self._store) from error
                return False
            if Path(found).is_dir():
                unescape_below(Path(found))
            os.replace(found, target)
            return True

    def _there(self, run_id: str, name: str) -> bool:
        """Whether the store lists that artifact: "not there" and "cannot be fetched" fail alike."""
        parent = name.rpartition("/")[0] or None
        try:
            return any(item.path == name for item in self._client.client.list_artifacts(run_id, parent))
        except Exception as error:
            raise explain(error, self._store) from error

    def _corrupt(self, record: Record, output: OutputRecord, actual: str | None) -> CorruptError:
        what = "is not there" if actual is None else f"has the digest {actual[:12]}, not {output.digest[:12]}"
        return CorruptError(
            f"`{output.name}` of {record.task}, recorded in run {record.run_id} of `{self._store}`, {what}",
            hints=("the next run computes it anew", "daicho verify looks at all results"),
        )


def _settle(source: Path, place: Path) -> None:
    """Move what was fetched into its place, over what may be there; the files become read-only."""
    for file in [source] if source.is_file() else [path for path in source.rglob("*") if path.is_file()]:
        file.chmod(0o444)
    place.parent.mkdir(parents=True, exist_ok=True)
    if source.is_file() and not place.is_dir():
        os.replace(source, place)
        return
    if place.exists():
        _remove(place)
    try:
        os.rename(source, place)
    except OSError:
        if not place.exists():  # else somebody else has just brought the same content
            raise


def _remove(place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)
