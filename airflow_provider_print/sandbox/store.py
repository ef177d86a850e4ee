"""What the sandbox remembers: JSON documents by kind and id, and bytes by their digest, in SQLite.

In memory by default, in a file with `--data DIR`. A transaction is all or nothing, so a sandbox that is
killed in the middle of a request comes back without a half-written job.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Document = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL, doc TEXT NOT NULL,
    UNIQUE (kind, id)
);
CREATE INDEX IF NOT EXISTS documents_reference ON documents (kind, json_extract(doc, '$.reference'));
CREATE INDEX IF NOT EXISTS documents_url ON documents (kind, json_extract(doc, '$.url'));
CREATE TABLE IF NOT EXISTS blobs (sha TEXT PRIMARY KEY, data BLOB NOT NULL);
"""


class Store:
    """Documents and bytes behind one lock.

    :param folder: where the database file lives; None keeps everything in memory.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        target = ":memory:" if folder is None else str(folder / "sandbox.sqlite3")
        self._db = sqlite3.connect(target, check_same_thread=False, isolation_level=None)
        if folder is not None:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside happen together or not at all; others wait. May be nested."""
        with self._lock:
            if self._depth == 0:
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._db.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._db.execute("COMMIT")

    def put(self, kind: str, id: str, doc: Document) -> None:  # noqa: A002
        """Write a document; one that is there keeps its place in the order."""
        text = json.dumps(doc, separators=(",", ":"))
        with self._lock:
            self._db.execute(
                "INSERT INTO documents (kind, id, doc) VALUES (?, ?, ?)"
                " ON CONFLICT (kind, id) DO UPDATE SET doc = excluded.doc",
                (kind, str(id), text),
            )

    def get(self, kind: str, id: str) -> Document | None:  # noqa: A002
        """One document, or None."""
        with self._lock:
            row = self._db.execute(
                "SELECT doc FROM documents WHERE kind = ? AND id = ?", (kind, str(id))
            ).fetchone()
        return None if row is None else json.loads(row[0])

    def delete(self, kind: str, id: str) -> bool:  # noqa: A002
        """Forget a document; False when there was none."""
        with self._lock:
            return (
                self._db.execute("DELETE FROM documents WHERE kind = ? AND id = ?", (kind, str(id))).rowcount
                > 0
            )

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
            rows = self._db.execute(query, values).fetchall()
        return json.loads(f"[{','.join(row[0] for row in rows)}]") if rows else []

    def count(self, kind: str) -> int:
        """How many documents of a kind there are."""
        with self._lock:
            row = self._db.execute("SELECT count(*) FROM documents WHERE kind = ?", (kind,)).fetchone()
        return int(row[0])

    def put_blob(self, data: bytes) -> str:
        """Keep bytes and return the SHA-256 by which they are found again; the same bytes are kept once."""
        sha = hashlib.sha256(data).hexdigest()
        with self._lock:
            self._db.execute("INSERT OR IGNORE INTO blobs (sha, data) VALUES (?, ?)", (sha, data))
        return sha

    def get_blob(self, sha: str) -> bytes:
        """Return the bytes of a digest.

        :raises KeyError: when there are none.
        """
        with self._lock:
            row = self._db.execute("SELECT data FROM blobs WHERE sha = ?", (sha,)).fetchone()
        if row is None:
            raise KeyError(sha)
        return bytes(row[0])

    def clear(self) -> None:
        """Forget everything."""
        with self.transaction():
            self._db.execute("DELETE FROM documents")
            self._db.execute("DELETE FROM blobs")

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._db.close()
