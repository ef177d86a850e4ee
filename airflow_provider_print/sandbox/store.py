"""What the sandbox remembers: JSON documents by kind and id, and bytes by their digest, in SQLite.

In memory by default, in a file with `--data DIR`. A transaction is all or nothing, so a sandbox that is
killed in the middle of a request comes back without a half-written job.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import sqlite3
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox.decoded import Decoded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

Document = dict[str, Any]

_INDEXED = frozenset({"reference", "url"})
"""Fields by which the database finds documents without reading all of a kind."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL, doc TEXT NOT NULL,
    written REAL NOT NULL DEFAULT 0, UNIQUE (kind, id)
);
CREATE INDEX IF NOT EXISTS documents_reference ON documents (kind, json_extract(doc, '$.reference'));
CREATE INDEX IF NOT EXISTS documents_url ON documents (kind, json_extract(doc, '$.url'));
CREATE TABLE IF NOT EXISTS blobs (
    sha TEXT PRIMARY KEY, data BLOB NOT NULL, written REAL NOT NULL DEFAULT 0
);
"""


_TOUCH = 60.0
"""Real seconds after which bytes that are kept anew are noted as younger."""
_SHA = re.compile(r"\b[0-9a-f]{64}\b")


class DataError(Exception):
    """The folder for the state cannot be used; the text says which and why."""


class StaleError(RuntimeError):
    """A call that began before everything was forgotten wants to go on after it."""


class FolderLock:
    """Keeps a folder for one sandbox; the system lets go of it when the process ends, however it does.

    :param folder: made when it is not there.
    :raises DataError: when another sandbox has it, or it is no folder that can be written to.
    """

    def __init__(self, folder: Path) -> None:
        try:
            # Letters and addresses are for who runs the sandbox, not for every account of the machine.
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if links := [path.name for path in folder.glob("sandbox.*") if path.is_symlink()]:
                raise OSError(f"{links[0]} is a link, which leads elsewhere")
            (folder / "sandbox.lock").touch(mode=0o600)
            self._file = (folder / "sandbox.lock").open("a")
        except OSError as error:
            raise DataError(f"The state cannot be kept in {folder}: {error.strerror or error}.") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise DataError(f"Another sandbox keeps its state in {folder}.") from error

    def release(self) -> None:
        """Let others have the folder."""
        self._file.close()


@dataclass
class Scope:
    """What belongs together in one call or one piece of background work.

    :param epoch: the epoch of the store in which it began.
    :param writes: committed writes of documents; those of a kind that starts with `_` do not count, they are
        the house-keeping of a service and nothing that a client could find.
    """

    epoch: int
    writes: int = 0


class _Within:
    """See `Store.within`; a class, since it is entered for every request."""

    def __init__(self, local: threading.local, scope: Scope) -> None:
        self._local, self._scope = local, scope

    def __enter__(self) -> Scope:
        self._before = getattr(self._local, "scope", None)
        self._local.scope = self._scope
        return self._scope

    def __exit__(self, *_error: object) -> None:
        self._local.scope = self._before


class Store:
    """Documents and bytes behind one lock.

    What is committed outlives the process however it is killed, because the system has it by then; waiting
    for the disk as well, for a machine that loses power, would cost more than a test double is worth.

    :param folder: where the database file lives, made by then; None keeps everything in memory.
    :param real: the real time in seconds since the epoch.
    :raises DataError: when the database in it cannot be used.
    """

    def __init__(self, folder: Path | None = None, *, real: Callable[[], float] = time.time) -> None:
        self._real = real
        self._lock = threading.RLock()
        self._depth = 0
        self._decoded = Decoded()
        self._local = threading.local()
        self.epoch = 0
        """How often everything has been forgotten."""
        self.changes = 0
        """How often a document was written or deleted, rolled back or not; kinds with `_` do not count."""
        self.on_disk = folder is not None
        file = None if folder is None else folder / "sandbox.sqlite3"
        target = ":memory:" if file is None else str(file)
        try:
            if file is not None:  # the files that the database makes beside it get the same mode
                file.touch(mode=0o600)
                file.chmod(0o600)
            self._db = sqlite3.connect(target, check_same_thread=False, isolation_level=None)
            if file is not None:
                self._db.execute("PRAGMA auto_vacuum=FULL")
                self._db.execute("PRAGMA journal_mode=WAL")
                self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(_SCHEMA)
            for table in ("documents", "blobs"):
                columns = [row[1] for row in self._db.execute(f"PRAGMA table_info({table})")]
                if "written" not in columns:  # of a sandbox that forgot nothing yet
                    self._db.execute(f"ALTER TABLE {table} ADD COLUMN written REAL NOT NULL DEFAULT 0")
                    self._db.execute(f"UPDATE {table} SET written = ?", (real(),))  # noqa: S608
        except (sqlite3.Error, OSError) as error:
            raise DataError(
                f"The database {target} cannot be used ({error}). Move it away to start with an empty one."
            ) from error

    def within(self, scope: Scope) -> _Within:
        """Let what this thread does inside count for a scope, and fail once the scope is of the past."""
        return _Within(self._local, scope)

    def scope(self) -> Scope:
        """Return a scope for what this thread brings about later: it belongs to the same epoch."""
        scope = self._scope
        return Scope(self.epoch if scope is None else scope.epoch)

    @property
    def _scope(self) -> Scope | None:
        return getattr(self._local, "scope", None)

    def check(self) -> None:
        """See to it that this thread works for the present.

        :raises StaleError: when everything has been forgotten since its call began.
        """
        scope = self._scope
        if scope is not None and scope.epoch != self.epoch:
            raise StaleError("everything has been forgotten since this call began")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside happen together or not at all; others wait. May be nested."""
        with self._lock:
            self.check()
            scope = self._scope
            writes = 0 if scope is None else scope.writes
            if self._depth == 0:
                self._decoded.touched = set()
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._db.execute("ROLLBACK")
                    self._decoded.forget(self._decoded.touched)
                    if scope is not None:
                        scope.writes = writes
                raise
            self._depth -= 1
            if self._depth == 0:
                self._db.execute("COMMIT")

    def put(self, kind: str, id: str, doc: Document) -> None:  # noqa: A002
        """Write a document; one that is there keeps its place in the order.

        :raises ValueError: for a number that JSON does not have (infinite, or none at all).
        """
        text = json.dumps(doc, separators=(",", ":"), allow_nan=False)
        with self._lock:
            self.check()
            self._db.execute(
                "INSERT INTO documents (kind, id, doc, written) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (kind, id) DO UPDATE SET doc = excluded.doc, written = excluded.written",
                (kind, str(id), text, self._real()),
            )
            self._decoded.written(kind, str(id), text)
            self._wrote(kind)

    def get(self, kind: str, id: str) -> Document | None:  # noqa: A002
        """One document, or None."""
        with self._lock:
            self.check()
            row = self._db.execute(
                "SELECT doc FROM documents WHERE kind = ? AND id = ?", (kind, str(id))
            ).fetchone()
        return None if row is None else json.loads(row[0])

    def delete(self, kind: str, id: str) -> bool:  # noqa: A002
        """Forget a document; False when there was none."""
        with self._lock:
            self.check()
            done = self._db.execute("DELETE FROM documents WHERE kind = ? AND id = ?", (kind, str(id)))
            if done.rowcount > 0:
                self._decoded.deleted(kind, str(id))
                self._wrote(kind)
            return done.rowcount > 0

    def all(self, kind: str) -> list[Document]:
        """Every document of a kind, in the order in which they were first written."""
        return self.find(kind)

    def find(self, kind: str, **equal: Any) -> list[Document]:
        """Return documents whose top-level fields equal text, numbers, booleans or None, in order."""
        where, values = ["kind = ?"], [kind]
        for name, value in equal.items():
            if not name.isidentifier():
                raise ValueError(f"{name!r} is not the name of a field")
            if value is None:
                where.append(f"json_extract(doc, '$.{name}') IS NULL")
            else:
                where.append(f"json_extract(doc, '$.{name}') = ?")
                values.append(value)
        query = f"SELECT doc FROM documents WHERE {' AND '.join(where)} ORDER BY seq"  # noqa: S608
        with self._lock:
            self.check()
            rows = self._db.execute(query, values).fetchall()
        return json.loads(f"[{','.join(row[0] for row in rows)}]") if rows else []

    def peek(self, kind: str, id: str) -> Document | None:  # noqa: A002
        """Return what `get` returns, for one who only looks: it is shared and must never be changed."""
        name = str(id)
        with self._lock:
            self.check()
            doc = self._decoded.kinds.get(kind, {}).get(name)
            if doc is None:
                row = self._db.execute(
                    "SELECT doc FROM documents WHERE kind = ? AND id = ?", (kind, name)
                ).fetchone()
                if row is None:
                    return None
                doc = json.loads(row[0])
                self._decoded.keep(kind, name, doc, len(row[0]))
        return doc

    def peek_all(self, kind: str, **equal: Any) -> list[Document]:
        """Return what `find` returns, for one who only looks: it is shared and must never be changed."""
        with self._lock:
            self.check()
            found = self._by_index(kind, equal) if equal.keys() & _INDEXED else self._whole(kind)
        for name, value in equal.items():
            found = [doc for doc in found if doc.get(name) == value]
        return found

    def _by_index(self, kind: str, equal: dict[str, Any]) -> list[Document]:
        name = next(iter(equal.keys() & _INDEXED))
        rows = self._db.execute(
            f"SELECT id FROM documents WHERE kind = ? AND json_extract(doc, '$.{name}') IS ? ORDER BY seq",  # noqa: S608
            (kind, equal[name]),
        ).fetchall()
        docs = (self.peek(kind, row[0]) for row in rows)
        return [doc for doc in docs if doc is not None]

    def _whole(self, kind: str) -> list[Document]:
        """Return every document of a kind; kept decoded unless they are too large for that."""
        if kind in self._decoded.whole:
            return list(self._decoded.kinds[kind].values())
        rows = self._db.execute(
            "SELECT id, doc FROM documents WHERE kind = ? ORDER BY seq", (kind,)
        ).fetchall()
        docs: list[Document] = json.loads(f"[{','.join(text for _, text in rows)}]")
        names = (name for name, _ in rows)
        self._decoded.keep_all(kind, dict(zip(names, docs, strict=True)), sum(len(text) for _, text in rows))
        return docs

    @contextmanager
    def unless_busy(self) -> Iterator[bool]:
        """Keep all others out, if that takes no waiting: it is True inside then, else False.

        So the thread of the server itself can do what is done at once.
        """
        held = self._lock.acquire(blocking=False)
        try:
            yield held
        finally:
            if held:
                self._lock.release()

    def count(self, kind: str) -> int:
        """How many documents of a kind there are."""
        with self._lock:
            self.check()
            row = self._db.execute("SELECT count(*) FROM documents WHERE kind = ?", (kind,)).fetchone()
        return int(row[0])

    def put_blob(self, data: bytes) -> str:
        """Keep bytes and return the SHA-256 by which they are found again; the same bytes are kept once."""
        sha = hashlib.sha256(data).hexdigest()
        with self._lock:
            self.check()
            self._db.execute(
                "INSERT INTO blobs (sha, data, written) VALUES (?, ?, ?) ON CONFLICT (sha) DO UPDATE"
                " SET written = excluded.written WHERE written < excluded.written - ?",
                (sha, data, self._real(), _TOUCH),
            )
        return sha

    def get_blob(self, sha: str) -> bytes:
        """Return the bytes of a digest.

        :raises KeyError: when there are none.
        """
        with self._lock:
            self.check()
            row = self._db.execute("SELECT data FROM blobs WHERE sha = ?", (sha,)).fetchone()
        if row is None:
            raise KeyError(sha)
        return bytes(row[0])

    def expire(self, before: float, kinds: Sequence[str], parts: Sequence[str]) -> int:
        """Forget what was last written before a real time, and bytes as old that no document names.

        :param kinds: of documents that grow old.
        :param parts: kinds of documents that name a print job in `print` and go with it.
        :return: how many documents were forgotten.
        """
        with self.transaction():
            gone = 0
            for kind in kinds:
                gone += self._db.execute(
                    "DELETE FROM documents WHERE kind = ? AND written < ?", (kind, before)
                ).rowcount
            for kind in parts if gone else ():
                gone += self._db.execute(
                    "DELETE FROM documents WHERE kind = ? AND json_extract(doc, '$.print') NOT IN"
                    " (SELECT id FROM documents WHERE kind = 'print')",
                    (kind,),
                ).rowcount
            if gone:
                self._decoded.forget({*kinds, *parts})
                self.changes += 1
            old = {row[0] for row in self._db.execute("SELECT sha FROM blobs WHERE written < ?", (before,))}
            if old:
                for (text,) in self._db.execute("SELECT doc FROM documents"):
                    old.difference_update(_SHA.findall(text))
                self._db.executemany("DELETE FROM blobs WHERE sha = ?", [(sha,) for sha in old])
        return gone

    def _wrote(self, kind: str) -> None:
        if kind.startswith("_"):
            return
        self.changes += 1
        scope = self._scope
        if scope is not None:
            scope.writes += 1

    def clear(self) -> None:
        """Forget everything, and let nothing that has begun before write any more."""
        with self.transaction():
            self.epoch += 1
            self._db.execute("DELETE FROM documents")
            self._db.execute("DELETE FROM blobs")
            self._decoded.empty()

    def close(self) -> None:
        """Close the database; who has begun before is told that it is over."""
        with self._lock:
            self.epoch += 1
            self._db.close()
