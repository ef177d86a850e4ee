"""One upload by one client in a process of its own, which tells its memory and its time.

`python -m benchmarks.upload WHO URL FILE [DIGEST]` prints JSON: `seconds` from opening the file to the
answer, `peak` bytes above the process that has everything imported and has made one small call. With DIGEST
the file is read and digested before, as the paid step does, and the digest is compared while sending.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_KEY = "key_sandbox"


def _peak() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def ours(url: str, digest: bool) -> Callable[[str | None], int]:
    """Return what sends a file, or a small call, with our transport."""
    from airflow_provider_print.core import documents
    from airflow_provider_print.core.auth import ApiKeyAuth
    from airflow_provider_print.core.multipart import Body
    from airflow_provider_print.core.transport import Transport
    from airflow_provider_print.intelliprint.dialect import IntelliprintDialect

    documents.MAX_BYTES = 1 << 40  # the sink takes more than the service does
    there = Transport(url, dialect=IntelliprintDialect(), auth=ApiKeyAuth(f"Bearer {_KEY}"))

    def send(path: str | None) -> int:
        files = []
        if path is not None:
            document = documents.open_document(path)
            assert isinstance(document, documents.Document)
            if digest:
                document.sha256()
            files = [("file", document)]
        form = Body.of_form([("testmode", "true"), *([] if files else [("content", "Hello")])], files)
        return there.request("POST", "/prints", body=form).status

    return send


def requests_files(url: str, _digest: bool) -> Callable[[str | None], int]:
    """Return the same with `requests` as its documents show it: `files=`."""
    import requests

    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {_KEY}"

    def send(path: str | None) -> int:
        if path is None:
            form = {"testmode": "true", "content": "Hello"}
            return session.post(f"{url}/prints", data=form).status_code
        with Path(path).open("rb") as file:
            form = {"testmode": "true"}
            answer = session.post(
                f"{url}/prints", data=form, files={"file": (Path(path).name, file, "application/pdf")}
            )
        if not answer.ok:
            raise SystemExit(answer.text[:500])
        return answer.status_code

    return send


WHO = {"ours": ours, "requests": requests_files}


def main() -> None:
    """Send and tell."""
    who, url, path, *digest = sys.argv[1:]
    send = WHO[who](url, bool(digest))
    send(None)
    idle = _peak()
    begin = time.perf_counter()
    status = send(path)
    seconds = time.perf_counter() - begin
    if status != 200:
        raise SystemExit(f"answered {status}")
    print(json.dumps({"seconds": seconds, "peak": _peak() - idle}))


if __name__ == "__main__":
    main()
