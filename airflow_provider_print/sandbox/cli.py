"""`print-sandbox serve`: the sandbox from the command line."""

from __future__ import annotations

import argparse
import gc
import importlib.util
import signal
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_NEEDED = ("starlette", "uvicorn", "python_multipart", "pypdfium2", "reportlab", "PIL", "plutoprint")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = _parser().parse_args(argv)
    absent = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if absent:
        print(
            f"The sandbox needs libraries that are not installed ({', '.join(absent)}). "
            "Install them with: pip install 'airflow-provider-print[sandbox]'",
            file=sys.stderr,
        )
        return 2
    return _serve(options)


def _serve(options: argparse.Namespace) -> int:
    from airflow_provider_print.sandbox.server import PrintSandbox
    from airflow_provider_print.sandbox.store import DataError
    from airflow_provider_print.sandbox.webhooks import WebhookError

    secret = {} if options.webhook_secret is None else {"secret": options.webhook_secret}
    box = PrintSandbox(
        host=options.host,
        port=options.port,
        data=options.data,
        speed=options.speed,
        rate_limit=options.rate_limit,
        seed=options.seed,
        allow_fetch=options.allow_fetch,
        allow_hosts=options.allow_host,
        keep_bodies=options.keep_bodies,
        expire=options.expire,
        webhooks=[{"url": url, **secret} for url in options.webhook],
        allow_webhooks=options.allow_webhook,
    )
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    try:
        box.start()
    except (DataError, WebhookError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(
            f"The sandbox cannot listen at {options.host}:{options.port}: {error.strerror or error}. "
            "Is it running already? Another port is chosen with --port.",
            file=sys.stderr,
        )
        return 1
    try:
        # What is there now stays; and what a list of ten thousand jobs makes is gone again by itself.
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        print(f"Sandbox ready at {box.url}", flush=True)
        while not ended.wait(1.0):
            if not box.alive:
                print("The server of the sandbox has ended.", file=sys.stderr)
                return 1
    finally:
        box.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="print-sandbox", description="Intelliprint and the Printful File Library on this machine."
    )
    serve = parser.add_subparsers(required=True, metavar="COMMAND").add_parser(
        "serve", help="run the sandbox until it is interrupted", description="Run the sandbox."
    )
    serve.add_argument(
        "--host",
        type=_host,
        default="127.0.0.1",
        help="address to listen at, 0.0.0.0 for every one (%(default)s)",
    )
    serve.add_argument("--port", type=_port, default=8631, help="port; 0 takes a free one (%(default)s)")
    serve.add_argument("--data", metavar="DIR", help="folder to keep the state in (default: memory)")
    serve.add_argument(
        "--expire",
        type=_age,
        metavar="AGE",
        help="forget print jobs and library files that nobody wrote to for so long, such as 12h or 30d"
        " of real time (default: never)",
    )
    serve.add_argument(
        "--speed",
        type=_at_least_0,
        default=60.0,
        metavar="N",
        help="sandbox seconds per real second (%(default)g)",
    )
    serve.add_argument(
        "--rate-limit",
        type=_count,
        default=100,
        metavar="N",
        help="Intelliprint calls a minute, 0 for no limit (%(default)s)",
    )
    serve.add_argument("--seed", type=int, metavar="N", help="makes ids and chances repeatable")
    serve.add_argument(
        "--allow-fetch",
        action="append",
        default=[],
        metavar="HOST",
        help="fetch files given by URL from this host, which may be a private one; may be repeated",
    )
    serve.add_argument(
        "--keep-bodies",
        action="store_true",
        help="keep queries and bodies in the journal, with all the addresses in them",
    )
    serve.add_argument(
        "--webhook",
        action="append",
        default=[],
        metavar="URL",
        help="tell this URL of letters as the service does; may be repeated",
    )
    serve.add_argument(
        "--webhook-secret",
        metavar="SECRET",
        help="sign them with this whsec_...; else with one that GET /_sandbox/webhooks shows",
    )
    serve.add_argument(
        "--allow-webhook",
        action="append",
        default=[],
        metavar="HOST",
        help="let webhooks be registered at this host, which may be a private one; may be repeated",
    )
    serve.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="answer to this host name too, such as the name of a container; may be repeated",
    )
    return parser


def _host(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("the host is a name or an address; 0.0.0.0 stands for every address")
    return text


def _age(text: str) -> float:
    from airflow_provider_print.sandbox.expiry import seconds_of

    try:
        return seconds_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("a number of calls is 0 or more")
    return number


def _at_least_0(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 1e8:
        raise argparse.ArgumentTypeError("the speed is a number, 0 or more")
    return number


if __name__ == "__main__":
    sys.exit(main())
