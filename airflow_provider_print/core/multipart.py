"""Request bodies that are read as they are sent, know their length, and can be sent again from the start.

Usual ways to send a file either hold it in memory twice or cannot be rewound, and then an attempt after a
429 sends an empty body that the service accepts (measured). This one does neither, and it can say whether
anybody has asked for its first byte, which is what tells "never delivered" from "unknown".
"""

from __future__ import annotations

import hashlib
import io
import json
import uuid
from typing import TYPE_CHECKING, Any, BinaryIO

from airflow_provider_print.core.documents import Document
from airflow_provider_print.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Self


class Body(io.RawIOBase):
    """A body made of bytes and documents, one after the other.

    A document is opened when its turn comes and closed after it. Its length was measured before, and where
    its digest was taken before, it is taken again while it is sent: a file that was changed meanwhile breaks
    the sending off before the service has a whole request. A digest that nobody has asked for is not taken,
    because it costs as much time as sending does (measured).

    :param parts: what is sent
    :param content_type: of the whole
    :param private: texts in it that must not come back in a message of the service
    """

    def __init__(
        self, parts: Sequence[bytes | Document], *, content_type: str, private: Sequence[str] = ()
    ) -> None:
        super().__init__()
        self.content_type = content_type
        self.private = tuple(private)
        self.started = False
        self._parts = list(parts)
        self._sizes = [part.size if isinstance(part, Document) else len(part) for part in self._parts]
        self._size = sum(self._sizes)
        self._index = 0
        self._offset = 0
        self._stream: BinaryIO | None = None
        self._digest: Any = None

    @classmethod
    def of_json(cls, value: Any, *, private: Sequence[str] = ()) -> Self:
        """Freeze a value as JSON; a later change of the value changes nothing."""
        raw = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        return cls([raw], content_type="application/json", private=private)

    @classmethod
    def of_form(
        cls,
        fields: Iterable[tuple[str, str]],
        files: Iterable[tuple[str, Document]],
        *,
        private: Sequence[str] = (),
    ) -> Self:
        """Make a multipart form.

        :param fields: names and texts
        :param files: names and documents
        """
        boundary = uuid.uuid4().hex
        parts: list[bytes | Document] = []
        for name, text in fields:
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n'
            parts.append(head.encode() + text.encode() + b"\r\n")
        for name, document in files:
            head = (
                f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"; '
                f'filename="{_quoted(document.name)}"\r\nContent-Type: {document.content_type}\r\n\r\n'
            )
            parts += [head.encode(), document, b"\r\n"]
        parts.append(f"--{boundary}--\r\n".encode())
        return cls(parts, content_type=f"multipart/form-data; boundary={boundary}", private=private)

    def __len__(self) -> int:
        return self._size

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"Body({self._size} bytes, {self.content_type.split(';')[0]})"

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can be rewound."""
        return True

    def tell(self) -> int:
        """Bytes that were read."""
        return sum(self._sizes[: self._index]) + self._offset

    def rewind(self) -> None:
        """Begin again, for the next attempt."""
        self._shut()
        self._index = self._offset = 0
        self.started = False

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go back to the start; nothing else is needed to send a body."""
        if (offset, whence) != (0, 0):
            raise io.UnsupportedOperation("a body can only be rewound")
        self.rewind()
        return 0

    def read(self, size: int = -1) -> bytes:
        """Read at most `size` bytes, all that is left when it is negative; `b""` at the end."""
        self.started = True
        left = self._size - self.tell() if size is None or size < 0 else size
        found: list[bytes] = []
        while left > 0 and self._index < len(self._parts):
            block = self._take(left)
            found.append(block)
            left -= len(block)
        return b"".join(found)

    def _take(self, size: int) -> bytes:
        part = self._parts[self._index]
        room = self._sizes[self._index] - self._offset
        if isinstance(part, bytes):
            block = part[self._offset : self._offset + min(size, room)]
        else:
            block = self._from_document(part, min(size, room))
        self._offset += len(block)
        if self._offset == self._sizes[self._index]:
            if isinstance(part, Document):
                part.check_sent(None if self._digest is None else self._digest.hexdigest())
            self._shut()
            self._index, self._offset = self._index + 1, 0
        return block

    def _from_document(self, document: Document, size: int) -> bytes:
        if self._stream is None:
            self._stream = document.open()
            self._digest = hashlib.sha256() if document.is_digested else None
        block = self._stream.read(size)
        if not block:
            raise InputError("The file became shorter while it was sent.", param=document.param)
        if self._digest is not None:
            self._digest.update(block)
        return block

    def _shut(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def close(self) -> None:
        """Close the document that is being read, if any."""
        self._shut()
        super().close()


def _quoted(text: str) -> str:
    """Quote a name as browsers do, so that it cannot end its header."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
