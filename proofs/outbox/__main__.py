"""The command: `python -m proofs.outbox`."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from proofs.outbox.browser import MissingError, find_browser, open_browser

IMAGES = Path(__file__).parent.parent.parent / "docs" / "images"


def main(argv: list[str] | None = None) -> int:
    """Drive the page, print what was seen, write the pictures; 1 when something is not as it should be."""
    options = _parser().parse_args(argv)
    try:
        path = find_browser(options.browser)
        from proofs.outbox.driving import NotSoError, drive

        with open_browser(path) as browser:
            began = time.monotonic()
            try:
                lines = drive(browser, images=options.images, letters=options.letters)
            except NotSoError as failure:
                print(f"NOT SO: {failure}", file=sys.stderr)
                return 1
    except MissingError as error:
        print(error, file=sys.stderr)
        return 2
    for line in lines:
        print(line)
    print(f"All of it as it should be, in {time.monotonic() - began:.0f} s. Pictures: {options.images}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m proofs.outbox", description=__doc__)
    parser.add_argument("--browser", metavar="PATH", help="a chromium (default: the system's)")
    parser.add_argument("--letters", type=int, default=10_000, help="of the large outbox (%(default)s)")
    parser.add_argument("--images", type=Path, default=IMAGES, help="folder of the pictures (%(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
