"""Files of an object storage, through Airflow's own storage paths: `s3://aws_default@bucket/run.pdf`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from airflow_provider_print.core.documents import Document
from airflow_provider_print.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Hashable

    from airflow.sdk import ObjectStoragePath


#: Bytes that are fetched ahead: libraries for object storages take up to 50 MiB of memory for it otherwise.
_AHEAD = 2 << 20
#: What storages call the time of a change, or what changes with the bytes. That time alone is whole seconds
#: with some, and has a name of its own with others.
_MARKS = ("ETag", "etag", "generation", "last_modified", "updated", "created")

_UNKNOWN = "Airflow knows no storage for {}://: is its provider installed?"


def storage_path(source: Any, param: str = "file") -> ObjectStoragePath | None:
    """Return the storage path that a source is or names, `None` when it is something else.

    Raises `InputError` for a scheme that Airflow knows no storage for.

    :param source: what a caller gave for a file
    :param param: the field it came from, for errors
    """
    if isinstance(source, str):
        scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*)://", source)
        if scheme is None or scheme.group(1).lower() in ("http", "https"):
            return None
        from airflow.sdk import ObjectStoragePath

        try:
            return ObjectStoragePath(source)
        except ValueError:
            known = scheme.group(1)[:40]
        raise InputError(_UNKNOWN.format(known), param=param)
    fits = all(hasattr(source, name) for name in ("open", "stat", "protocol", "storage_options"))
    return cast("ObjectStoragePath", source) if fits else None


def open_storage(path: ObjectStoragePath, name: str | None, param: str) -> Document:
    """Open a storage path as a document; it is streamed from the storage each time it is sent.

    Raises `InputError` when it cannot be opened.

    :param path: of one file
    :param name: file name for the service; by default that of the path
    :param param: the field it came from, for errors
    """

    def opener() -> BinaryIO:
        return cast("BinaryIO", path.open("rb", block_size=_AHEAD))  # type: ignore[no-untyped-call]

    def state() -> Hashable:
        facts: Any = path.stat()
        return (facts.st_size, facts.st_mtime, *(str(facts.get(mark)) for mark in _MARKS))

    try:
        size = path.stat().st_size
        return Document(name=name or path.name, size=size, opener=opener, state=state, param=param)
    except InputError:
        raise
    except ValueError:
        raise InputError(_UNKNOWN.format(path.protocol), param=param) from None
    except FileNotFoundError:
        why = "there is no such file"
    except ImportError as error:
        why = f"{error.name or 'the library of this storage'} is not installed"
    except Exception as error:  # noqa: BLE001 - each storage has errors of its own, with URLs and more in their texts
        why = f"the storage raised {type(error).__name__}"
    raise InputError(f"The file cannot be opened: {why}.", param=param)
