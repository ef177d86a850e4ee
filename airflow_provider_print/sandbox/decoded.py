"""Documents of the store that were decoded before, for who only looks at them."""

from __future__ import annotations

import json
from typing import Any

Document = dict[str, Any]

_SHARED = 64 * 1024 * 1024
"""Characters of JSON whose documents are kept decoded, at most; as objects they take five times as much."""


class Decoded:
    """Documents by kind and id; used under the lock of the store.

    A list of ten thousand jobs would else decode twenty megabytes to show a page of it.
    """

    def __init__(self) -> None:
        self.kinds: dict[str, dict[str, Document]] = {}
        self.whole: set[str] = set()
        """Kinds that are here with every document and in order."""
        self.touched: set[str] = set()
        """Kinds that the transaction under way has written to."""
        self._size = 0

    def written(self, kind: str, id: str, text: str) -> None:  # noqa: A002
        """Keep a document that was written when its kind is here with every document, else forget it."""
        self.touched.add(kind)
        if kind in self.whole:
            self.keep(kind, id, json.loads(text), len(text))
        else:
            self.kinds.get(kind, {}).pop(id, None)

    def deleted(self, kind: str, id: str) -> None:  # noqa: A002
        """Forget a document that was deleted."""
        self.touched.add(kind)
        self.kinds.get(kind, {}).pop(id, None)

    def keep(self, kind: str, id: str, doc: Document, size: int) -> None:  # noqa: A002
        """Keep a document; when there is too much, all others are forgotten."""
        self._make_room(size)
        self.kinds.setdefault(kind, {})[id] = doc

    def keep_all(self, kind: str, docs: dict[str, Document], size: int) -> None:
        """Keep every document of a kind, unless they are too large together."""
        if size <= _SHARED:
            self._make_room(size)
            self.kinds[kind] = docs
            self.whole.add(kind)

    def forget(self, kinds: set[str]) -> None:
        """Forget the documents of some kinds."""
        for kind in kinds:
            self.kinds.pop(kind, None)
        self.whole -= kinds

    def empty(self) -> None:
        """Know that there are no documents any more."""
        self.kinds = {kind: {} for kind in self.whole}
        self.touched |= self.whole
        self._size = 0

    def _make_room(self, size: int) -> None:
        if self._size + size > _SHARED:
            self.forget(set(self.kinds))
            self._size = 0
        self._size += size
