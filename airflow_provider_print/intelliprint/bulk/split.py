"""Which chunk a row is in: told by its own key, not by its place.

A row's digest is a number; its remainder by the number of chunks is its chunk. So a row that comes late or
is missing changes its own chunk and no other, and the order of the file means nothing.

The number of chunks is (up to 200 chunks; above, within a hundredth) the smallest whose fullest chunk is not
above the limit. Chunks fill up unevenly, as dice do: of n rows in k chunks a chunk has n/k rows, give or
take their square root, and the fullest lies about two or three of these roots above. So 10,000 rows in
chunks of at most 1,000 make 11 or 12 chunks instead of 10, and 100,000 make about 108; what fits into one
chunk is one chunk. When the limit is small (the root of 10 is a third of it), chunks would be many and
nearly empty; so there are at most twice as many as full ones, and what does not fit into a chunk goes into a
second print job of it.

How many chunks there are must not change once something is paid, or a row would be in another chunk than
the one that has posted it. So the number is written down beside the first chunk's job, which is paid
before all others.
"""

from __future__ import annotations

import base64
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from airflow_provider_print.intelliprint.bulk.rows import Row

_TEXT = re.compile(r"1:(\d{1,9}):(\d{1,9})", re.ASCII)


@dataclass(frozen=True)
class Split:
    """How a bulk is cut.

    :param chunks: how many chunks there are; some may be empty.
    :param first: the remainder that is chunk 1: the lowest that had a row when the bulk was cut, so that
        chunk 1 is never empty.
    """

    chunks: int
    first: int = 0

    @classmethod
    def of(cls, rows: Sequence[Row], most: int) -> Self:
        """Cut a bulk.

        :param rows: at least one.
        :param most: rows of a chunk.
        """
        numbers = [_number(row.digest) for row in rows]
        chunks = full = -(-len(numbers) // most)
        while True:
            sizes = Counter(number % chunks for number in numbers)
            if chunks == 2 * full or max(sizes.values()) <= most:
                return cls(chunks, min(sizes))
            chunks = min(2 * full, chunks + max(1, chunks // 100))

    @classmethod
    def parse(cls, text: object) -> Self | None:
        """Read what `__str__` has written; None for anything else."""
        found = _TEXT.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            return None
        chunks, first = int(found[1]), int(found[2])
        return cls(chunks, first) if first < chunks else None

    def __str__(self) -> str:
        return f"1:{self.chunks}:{self.first}"

    def chunk_of(self, digest: str) -> int:
        """Return the number of the chunk, from 1."""
        return (_number(digest) - self.first) % self.chunks + 1

    def assign(self, rows: Iterable[Row]) -> dict[int, list[Row]]:
        """Return the rows of each chunk that has some, in the order of the chunks."""
        found: dict[int, list[Row]] = {}
        for row in rows:
            found.setdefault(self.chunk_of(row.digest), []).append(row)
        return dict(sorted(found.items()))


def _number(digest: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(digest), "big")
