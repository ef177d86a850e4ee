"""Files that the sandbox serves itself: the example artwork of the package, and what a test adds."""

from __future__ import annotations

import mimetypes
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.core import Sandbox

NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")
_KIND = "asset"


def names(sandbox: Sandbox) -> dict[str, int]:
    """Return the assets with their sizes in bytes; an added one hides an example of the same name."""
    sizes = {name: path.stat().st_size for name, path in _examples().items()}
    sizes |= {doc["name"]: doc["size"] for doc in sandbox.store.all(_KIND)}
    return dict(sorted(sizes.items()))


def read(sandbox: Sandbox, name: str) -> bytes | None:
    """Return the bytes of an asset. The name is looked up and never becomes a path."""
    doc = sandbox.store.get(_KIND, name)
    if doc is not None:
        return sandbox.store.get_blob(doc["sha"])
    path = _examples().get(name)
    return None if path is None else path.read_bytes()


def add(sandbox: Sandbox, name: str, data: bytes) -> None:
    """Keep bytes under a name.

    :raises ValueError: for a name with anything but letters, digits, dot, dash and underscore.
    """
    if not NAME.fullmatch(name):
        raise ValueError("the name of an asset is made of letters, digits, dots, dashes and underscores")
    with sandbox.store.transaction():
        sha = sandbox.store.put_blob(data)
        sandbox.store.put(_KIND, name, {"name": name, "size": len(data), "sha": sha})


def content_type(name: str) -> str:
    """Return the media type that goes with a name."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


@cache
def _examples() -> dict[str, Path]:
    folder = Path(__file__).parent / "files"
    if not folder.is_dir():
        return {}
    return {
        path.name: path for path in sorted(folder.iterdir()) if path.is_file() and NAME.fullmatch(path.name)
    }
