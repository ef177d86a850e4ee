"""A file that is to be sent: opened, measured and recognised before any call.

An empty file, or one that is none of PDF, DOCX, RTF, PNG and JPEG, costs nothing here and a refused upload
there. The bytes are never held in memory: a document is opened each time it is sent, and it notices when
the file behind it was changed in between, because half of one version and half of another is a letter
nobody wrote.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import stat
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote, urlsplit

from airflow_provider_print.core.errors import InputError
from airflow_provider_print.core.identifiers import check_url

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

#: The service takes bodies of 100 MiB (documented).
MAX_BYTES = 100 * 1024 * 1024

_BLOCK = 1 << 20
_PDF = "application/pdf"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MAGIC = (
    (b"{\\rtf", "application/rtf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
_SUFFIX = {
    _PDF: ".pdf",
    _DOCX: ".docx",
    "application/rtf": ".rtf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
}


class Document:
    """A file whose size and kind are known and which can be opened as often as it has to be sent.

    :param name: what the service is told; made ASCII and at most 100 characters
    :param size: bytes
    :param opener: opens the bytes, from the start, each time it is called
    :param state: describes the file behind it (size, time of change); another value means it was changed
    :param param: the field this came from, for errors
    """

    def __init__(
        self,
        *,
        name: str,
        size: int,
        opener: Callable[[], BinaryIO],
        state: Callable[[], Hashable] | None = None,
        param: str = "file",
    ) -> None:
        self.param = param
        self.size = size
        self._opener = opener
        self._state = state or (lambda: size)
        self._seen = self._state()
        self._sha256: str | None = None
        if size == 0:
            raise InputError("The file is empty.", param=param)
        if size > MAX_BYTES:
            raise InputError(
                f"The file has {size} bytes; the service takes {MAX_BYTES} (100 MiB) at most.", param=param
            )
        self.content_type = self._sniff()
        self.name = _safe_name(name, self.content_type)

    def __repr__(self) -> str:
        return f"Document(size={self.size}, content_type={self.content_type!r})"

    def open(self) -> BinaryIO:
        """Open the bytes from the start; raise `InputError` when the file was changed in between."""
        self.check_unchanged()
        return self._opener()

    def check_unchanged(self) -> None:
        """Raise `InputError` when the file behind this was changed since it was measured."""
        try:
            now = self._state()
        except OSError:
            now = None
        if now != self._seen:
            raise self._changed()

    def _changed(self) -> InputError:
        return InputError(
            "The file was changed while it was being used.",
            param=self.param,
            advice="Write the file completely before the task that sends it, then run again.",
        )

    @property
    def is_digested(self) -> bool:
        """Whether the digest was taken, so that what is sent is compared with it."""
        return self._sha256 is not None

    def check_sent(self, sha256: str | None) -> None:
        """Raise `InputError` when what was sent is not what was measured.

        :param sha256: of the bytes as they were sent; None where nothing is known to compare it with
        """
        self.check_unchanged()
        if sha256 is not None and sha256 != self._sha256:
            raise self._changed()

    def sha256(self) -> str:
        """SHA-256 of the bytes, 64 hexadecimal digits; read once and remembered."""
        if self._sha256 is None:
            hashed = hashlib.sha256()
            with self.open() as stream:
                while block := stream.read(_BLOCK):
                    hashed.update(block)
            self._sha256 = hashed.hexdigest()
        return self._sha256

    def _sniff(self) -> str:
        with self._opener() as stream:
            head = stream.read(1024)
            if b"%PDF-" in head:
                return _PDF
            for magic, kind in _MAGIC:
                if head.startswith(magic):
                    return kind
            if head.startswith(b"PK") and _is_word(stream):
                return _DOCX
        raise InputError(
            "The file is none of PDF, DOCX, RTF, PNG, JPEG.",
            param=self.param,
            advice="Convert it to PDF first.",
        )


class RemoteFile:
    """A file that the service fetches itself.

    :param url: http or https; never shown, because signed links hold their permission in the query
    :param param: the field this came from, for errors
    """

    def __init__(self, url: str, *, param: str = "file") -> None:
        self.url = check_url(url, allow_http=True, param=param)
        self.name = _safe_name(unquote(urlsplit(url).path).rsplit("/", 1)[-1], None)

    def __repr__(self) -> str:
        return "RemoteFile(...)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RemoteFile) and other.url == self.url

    def __hash__(self) -> int:
        return hash(self.url)


def open_document(source: object, name: str | None = None, *, param: str = "file") -> Document | RemoteFile:
    """Make a document of what a caller has.

    Raises `InputError` for an empty file, one of unknown kind, one that is not there or no regular file.

    :param source: bytes, a local path (`Path` or text), an http(s) URL, or a `Document` or `RemoteFile`,
        which is returned
    :param name: file name for the service; by default that of the path
    :param param: the field this came from, for errors
    """
    if isinstance(source, Document | RemoteFile):
        return source
    if isinstance(source, bytes | bytearray):
        data = bytes(source)
        return Document(name=name or "document", size=len(data), opener=lambda: io.BytesIO(data), param=param)
    if isinstance(source, str) and re.match(r"https?://", source, re.IGNORECASE):
        return RemoteFile(source, param=param)
    if isinstance(source, str | os.PathLike):
        return _open_path(os.fspath(source), name, param)
    raise InputError(
        f"A {type(source).__name__} is not a file.",
        param=param,
        advice="Give a path, bytes or a URL.",
    )


def _open_path(path: str, name: str | None, param: str) -> Document:
    if "://" in path:
        scheme = path.split("://", 1)[0]
        raise InputError(f"Files of {scheme}:// cannot be opened here.", param=param)
    if not path or "\0" in path:
        raise InputError("This is not a path.", param=param, advice="A template that gave nothing?")
    file = Path(path).expanduser()
    try:
        facts = file.stat()
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise InputError(f"The file cannot be opened: {reason}.", param=param) from None
    if not stat.S_ISREG(facts.st_mode):
        raise InputError("This path is not a regular file.", param=param)

    def state() -> Hashable:
        now = file.stat()
        return (now.st_ino, now.st_size, now.st_mtime_ns)

    try:
        return Document(
            name=name or file.name,
            size=facts.st_size,
            opener=lambda: file.open("rb"),
            state=state,
            param=param,
        )
    except OSError as error:
        reason = error.strerror or "it cannot be read"
    raise InputError(f"The file cannot be opened: {reason}.", param=param)


def _is_word(stream: BinaryIO) -> bool:
    try:
        with zipfile.ZipFile(stream) as archive:
            return any(name.startswith("word/") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def _safe_name(name: str, content_type: str | None) -> str:
    """Return ASCII that breaks out of no header and no path, at most 100 characters, with a suffix."""
    plain = re.sub(r"[^A-Za-z0-9._ ()-]", "_", name).strip(" .")[-100:] or "document"
    suffix = _SUFFIX.get(content_type or "", "")
    return plain if "." in plain or not suffix else plain[: 100 - len(suffix)] + suffix
