"""A yardstick: the PDF library alone reads the text of every page of a file."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pypdfium2


def seconds(file: Path) -> float:
    """Return how long the text of all pages takes, from the bytes on."""
    data = file.read_bytes()
    begin = time.perf_counter()
    document = pypdfium2.PdfDocument(data)
    for page in document:
        text_page = page.get_textpage()
        text_page.get_text_range()
        text_page.close()
        page.close()
    document.close()
    return time.perf_counter() - begin


def main() -> None:
    """Answer lines of JSON on standard input."""
    print("Raw extraction at standard input", flush=True)
    for line in sys.stdin:
        print(json.dumps(seconds(Path(json.loads(line)["file"]))), flush=True)


if __name__ == "__main__":
    main()
