"""One run's artifacts, as the recorder writes them: linked into place where the root is local, uploaded elsewhere.

Nothing half is ever visible in a local root: what is new has a hidden name until it is whole. Links keep the staged
file valid, which dependants may be reading.
"""

from __future__ import annotations

import errno
import filecmp
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from itertools import chain
from pathlib import Path

from mlflow.store.artifact.artifact_repo import ArtifactRepository
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from daicho.digest import walk
from daicho.errors import CorruptError
from daicho.ledger import _artifacts
from daicho.ledger._escape import put_escaped
from daicho.ledger._marks import FOLDER
from daicho.ledger.store import Store
from daicho.record import OutputRecord

_READ_ONLY = 0o444
_HIDDEN = ".daicho-"
_AT_ONCE = 3  # uploads of one task


class Area:
    """The artifacts of one run."""

    def __init__(self, store: Store, uri: str) -> None:
        self._uri = uri
        self._folder = _artifacts.local(uri, store)

    def put_texts(self, texts: Mapping[str, str | bytes]) -> None:
        """Write small artifacts below `daicho/`."""
        if not texts:
            return
        if self._folder is not None:
            for name, text in texts.items():
                _write(self._folder / FOLDER / name, text)
            return
        with tempfile.TemporaryDirectory(prefix="daicho-") as space:
            for name, text in texts.items():
                _write(Path(space) / name, text)
            self._remote.log_artifacts(space, FOLDER)

    def put_file(self, source: Path, name: str) -> None:
        """Copy a file to an artifact of that name (`daicho/snapshot.zip`)."""
        if self._folder is not None:
            _place_file(source, self._folder / name)
            return
        with tempfile.TemporaryDirectory(prefix="daicho-") as space:
            renamed = Path(space) / Path(name).name
            renamed.symlink_to(source.absolute())
            self._remote.log_artifact(str(renamed), name.rpartition("/")[0] or None)

    @contextmanager
    def putting(
        self, stage: Path, outputs: Sequence[OutputRecord], texts: Mapping[str, str | bytes]
    ) -> Iterator[list[str]]:
        """Put outputs in place, see that they are whole, and write texts; gives warnings for what outputs displaced.

        All is there at the end of the block: what goes elsewhere goes while the block does something else. What was
        uploaded is whole: a store says yes to the last byte only, and whoever reads it compares digests.

        Raises:
            CorruptError: If what is staged, or what was put in place, has another size than was recorded.
            OSError, MlflowException: If it cannot be written.
        """
        for output in outputs:
            _see_that_whole(stage / output.name, output)
        folder = self._folder
        if folder is not None:
            warnings = [self._place(folder, stage / output.name, output) for output in outputs]
            self.put_texts(texts)
            yield list(chain.from_iterable(warnings))
            return
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            files = [(stage / output.name, output.name) for output in outputs]
            jobs = [pool.submit(self._upload, *file) for file in files]
            jobs.append(pool.submit(self.put_texts, texts))
            yield []
            for job in jobs:
                job.result()

    def tidy(self) -> None:
        """Take away what a recorder that died was about to put in place."""
        for hidden in self._folder.rglob(f"{_HIDDEN}*") if self._folder is not None else ():
            _remove(hidden)

    def _place(self, folder: Path, source: Path, output: OutputRecord) -> list[str]:
        target = folder / output.name
        warnings = []
        if target.exists() and not _same(source, target):
            aside = folder / FOLDER / "displaced" / output.name
            aside.parent.mkdir(parents=True, exist_ok=True)
            _remove(aside)
            os.rename(target, aside)
            warnings.append(f"`{output.name}` was also logged as an artifact: that is in `daicho/displaced/`")
        if not output.folder:
            _place_file(source, target)
        elif not target.exists():
            _place_folder(source, target)
        _see_that_whole(target, output)
        return warnings

    def _upload(self, source: Path, name: str) -> None:
        if source.is_dir():
            with tempfile.TemporaryDirectory(prefix="daicho-") as space:
                put_escaped(source, Path(space))
                self._remote.log_artifacts(space, name)
        else:
            self._remote.log_artifact(str(source), name.rpartition("/")[0] or None)

    @cached_property
    def _remote(self) -> ArtifactRepository:
        """The store of artifacts that a run's address means; MLflow's client would ask for that address again."""
        return get_artifact_repository(self._uri)


def _see_that_whole(path: Path, output: OutputRecord) -> None:
    state = _artifacts.state(path, output)
    if state != "ok":
        what = "is not there" if state == "missing" else f"has not the {output.size} bytes that were recorded"
        raise CorruptError(f"the output `{output.name}` {what}: `{path}`")


def _same(source: Path, target: Path) -> bool:
    """Whether an earlier attempt to publish, or the user, has put the very same thing in place."""
    if source.is_dir() != target.is_dir():
        return False
    if source.is_file():
        return filecmp.cmp(source, target, shallow=False)
    ours, theirs = dict(walk(source)), dict(walk(target))
    return ours.keys() == theirs.keys() and all(
        filecmp.cmp(file, theirs[name], shallow=False) for name, file in ours.items()
    )


def _hidden(target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    return target.parent / f"{_HIDDEN}{uuid.uuid4().hex}"


def _write(target: Path, text: str | bytes) -> None:
    hidden = _hidden(target)
    hidden.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace"))
    os.replace(hidden, target)


def _place_file(source: Path, target: Path) -> None:
    hidden = _hidden(target)
    _link(source, hidden)
    os.replace(hidden, target)


def _place_folder(source: Path, target: Path) -> None:
    hidden = _hidden(target)
    hidden.mkdir()
    for name, file in walk(source):
        (hidden / name).parent.mkdir(parents=True, exist_ok=True)
        _link(file, hidden / name)
    os.rename(hidden, target)


def _link(source: Path, target: Path) -> None:
    """Link a file, or copy it where links cannot be; what was published is read-only."""
    real = os.path.realpath(source)
    if real != os.path.abspath(source) or os.stat(real).st_nlink > 1:
        shutil.copyfile(
            real, target
        )  # somebody else's file, by a link of the task's own: it must stay theirs
        target.chmod(_READ_ONLY)
        return
    try:
        os.link(real, target)
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.EOPNOTSUPP):
            raise
        shutil.copyfile(real, target)
    target.chmod(_READ_ONLY)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
