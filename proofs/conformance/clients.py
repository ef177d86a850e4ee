"""Public clients from npm: installed as their lock file says, and driven with only a sandbox in reach."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from airflow_provider_print.sandbox import PrintSandbox

_NPM = Path(__file__).parent / "npm"
_SECONDS = 120
_NODE = 18
"""The oldest major version of node that has `fetch`."""


class MissingToolError(Exception):
    """Something that must be installed for this command is not."""


@dataclass(frozen=True)
class Client:
    """What came of a client.

    :param name: as in its registry.
    :param version: pinned.
    :param worked: whether all that was asked of it was right.
    :param words: what it did, or what went wrong.
    """

    name: str
    version: str
    worked: bool
    words: str


def check_tools() -> None:
    """Make sure that node and npm are here.

    :raises MissingToolError: naming what is absent.
    """
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise MissingToolError(
                f"{tool} is not installed: the public clients of Printful are written for Node.js. Install "
                f"Node.js {_NODE} or newer, or leave them out with --without-npm."
            )
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.removeprefix("v").partition(".")[0]) < _NODE:
        raise MissingToolError(f"node is {version}, and must be {_NODE} or newer.")


def drive() -> list[Client]:
    """Install all clients in a folder that is thrown away, and drive each against an empty sandbox.

    :raises MissingToolError: when they cannot be installed.
    """
    with tempfile.TemporaryDirectory(prefix="print-clients-") as folder:
        home = Path(folder) / "npm"
        shutil.copytree(_NPM, home, ignore=shutil.ignore_patterns("node_modules"))
        _install(home)
        pinned = json.loads((home / "package.json").read_text())["dependencies"]
        with PrintSandbox(rate_limit=0, seed=1) as box:
            return [_drive(box, home, name, version) for name, version in sorted(pinned.items())]


def _install(home: Path) -> None:
    done = subprocess.run(["npm", "ci", "--loglevel=error"], cwd=home, capture_output=True, text=True)
    if done.returncode:
        raise MissingToolError(f"npm could not install the clients:\n{done.stderr.strip()[-1000:]}")


def _drive(box: PrintSandbox, home: Path, name: str, version: str) -> Client:
    box.reset(frozen=True)
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment["PRINT_SANDBOX_URL"] = box.url
    command = ["node", "--require", "./only-loopback.cjs", "drive.cjs", name]
    try:
        done = subprocess.run(
            command, cwd=home, env=environment, capture_output=True, text=True, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired:
        return Client(name, version, worked=False, words=f"was not done after {_SECONDS} s")
    if done.returncode:
        return Client(name, version, worked=False, words=done.stderr.strip()[-1500:])
    told = json.loads(done.stdout.splitlines()[-1])
    if told["version"] != version:
        return Client(name, version, worked=False, words=f"version {told['version']} was installed")
    return Client(name, version, worked=True, words=told["did"])
