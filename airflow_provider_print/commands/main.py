"""The command line: which command, and what its end means.

Exit codes: 0, nothing was found to be wrong; 1, something was found, and it is printed, also where not
everything could be asked; 2, nothing is known, because the command was used wrongly, or because the service
(or Airflow) could not be asked: the message says which.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from airflow_provider_print.commands._told import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_provider_print.commands._told import Told

_COMMANDS = {
    "audit": "find letters that are paid twice, or missing",
    "janitor": "list our old drafts, and delete them",
    "probe": "find out in test mode, free of charge, what no document of the service states",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code.

    The standard output has the result and nothing else: Airflow logs there, so it is led to the standard
    error meanwhile.

    :param argv: arguments; those of the process by default.
    """
    options = _parser().parse_args(argv)
    with contextlib.redirect_stdout(sys.stderr):
        _log_to_stderr(options.quiet)
        told = _run(options)
    if isinstance(told, int):
        return told
    text = json.dumps(told.data, indent=2, ensure_ascii=False) if options.json else told.text
    sys.stdout.write(f"{text}\n")
    return told.code


def _run(options: argparse.Namespace) -> Told | int:
    from airflow_provider_print.core.errors import InputError, PrintError

    try:
        told: Told = import_module(f"{__package__}.{options.command}").run(options)
    except InputError as error:
        return _say(UNKNOWN, f"Wrong usage: {error}")
    except PrintError as error:
        return _say(UNKNOWN, f"Could not ask, so nothing is known: {error}")
    except Exception as error:  # noqa: BLE001 - 1 would say that something was found
        # No text of it: that may hold anything.
        return _say(UNKNOWN, f"Broken off, so nothing is known: {type(error).__name__}. Please report it.")
    except KeyboardInterrupt:
        return _say(UNKNOWN, "Interrupted, so nothing is known.")
    return told


def _say(code: int, text: str) -> int:
    sys.stderr.write(f"{text}\n")
    return code


def _log_to_stderr(quiet: bool) -> None:
    """Let the lines about single jobs go to the standard error, whatever Airflow does with logs."""
    log = logging.getLogger("airflow_provider_print")
    log.setLevel(logging.WARNING if quiet else logging.INFO)
    log.propagate = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    log.handlers[:] = [handler]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m airflow_provider_print",
        description="Looks after print jobs. Ends with 0 when all is well, with 1 when something was found, "
        "with 2 when it was used wrongly or could not ask.",
    )
    commands = parser.add_subparsers(required=True, dest="command", metavar="COMMAND")
    for name, words in _COMMANDS.items():
        one = commands.add_parser(name, help=words, description=words[0].upper() + words[1:] + ".")
        one.add_argument("--conn-id", default="intelliprint_default", help="the connection (%(default)s)")
        one.add_argument("--json", action="store_true", help="print JSON")
        one.add_argument("--quiet", action="store_true", help="log warnings and errors only")
        _ARGUMENTS[name](one)
    return parser


def _audit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--since",
        type=span,
        default=86400.0,
        metavar="TIME",
        help="how far back: 36h, 7d (1d); what was paid before is not compared",
    )
    parser.add_argument("--dag-id", help="judge the letters of one run of this DAG only; needs --run")
    parser.add_argument("--run", help="run id, or logical date with its time zone; needs --dag-id")
    parser.add_argument(
        "--expected",
        nargs="+",
        metavar="N|ID",
        help="how many letters must be paid, or ids of jobs that must be",
    )
    parser.add_argument(
        "--cancel-younger",
        action="store_true",
        help="of two paid jobs of one letter, stop the later one as far as it is not being printed yet",
    )


def _janitor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--older-than", type=span, default=7 * 86400.0, metavar="TIME", help="age of a draft: 36h, 14d (7d)"
    )
    parser.add_argument("--delete", action="store_true", help="delete; without it the drafts are only listed")


def _probe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--provoke-limit",
        action="store_true",
        help="go over the rate limit on purpose; every other program on this account is refused meanwhile",
    )


_ARGUMENTS = {"audit": _audit, "janitor": _janitor, "probe": _probe}


def span(text: str) -> float:
    """Read a length of time: `90`, `90s`, `15m`, `36h` or `7d`.

    :param text: as it was typed.
    :return: seconds.
    :raises argparse.ArgumentTypeError: for anything else.
    """
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    number, unit = (text[:-1], text[-1]) if text[-1:] in units else (text, "s")
    if not number.isascii() or not number.isdecimal() or int(number) > 10**9:
        raise argparse.ArgumentTypeError("a time is a whole number with s, m, h or d behind it, such as 36h")
    return float(int(number) * units[unit])
