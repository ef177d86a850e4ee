"""`python -m proofs.conformance`: run the tests of the sandbox, write what they show, drive public clients.

The exit code is 1 when a row of the catalogue has no passing test, a test fails, a public client does not
work, or the generated files did not say what the tests show (they do afterwards); 2 when a tool is absent.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

from airflow_provider_print.sandbox import catalogue, coverage
from proofs.conformance import clients, guide, page

_PYPI = {"sandbox.clients.intelliprint-py": "intelliprint-py", "sandbox.clients.pyprintful": "PyPrintful"}
"""The behaviours that say that a client from PyPI works, and its distribution."""


def main(argv: list[str] | None = None) -> int:
    """Run everything.

    :return: 0 when every claim is shown, every client works, and the generated files were as they should be.
    """
    parser = argparse.ArgumentParser(prog="python -m proofs.conformance", description=__doc__)
    parser.add_argument("--without-npm", action="store_true", help="leave out the clients that need node")
    parser.add_argument("--only-npm", action="store_true", help="drive the clients that need node, only")
    parser.add_argument("--only-tables", action="store_true", help="write the tables of the guide, only")
    args = parser.parse_args(argv)
    if args.only_tables:
        guide.write()
        return 0
    try:
        if not args.without_npm:
            clients.check_tools()
        good, driven = (True, []) if args.only_npm else _claims()
        if not args.without_npm:
            driven += clients.drive()
    except clients.MissingToolError as error:
        print(error, file=sys.stderr)
        return 2
    print("\nPublic clients, as they are:")
    for client in driven:
        print(f"  {'works' if client.worked else 'FAILS'}  {client.name} {client.version}: {client.words}")
    return 0 if good and all(client.worked for client in driven) else 1


def _claims() -> tuple[bool, list[clients.Client]]:
    """Run the tests, write the files, print the table; what came of the clients among the tests."""
    behaviours = catalogue.read()
    outdated = [guide.GUIDE] if guide.outdated() else []
    guide.write()
    code, passed = _tests()
    rows = coverage.rows(behaviours, passed)
    untested = [row["id"] for row in rows if not row["tests"]]
    outdated += page.outdated(rows)
    page.write(rows)
    print(f"\n{page.table(rows)}\n")
    for name in untested:
        print(f"No test has shown: {name}")
    for path in outdated:
        print(f"Was outdated and is written anew, to be committed: {path.relative_to(page.ROOT)}")
    if code:
        print(f"Tests failed (pytest ended with {code}).")
    return not (untested or outdated or code), [_from_pypi(behaviours[row], passed) for row in _PYPI]


def _from_pypi(claim: catalogue.Behaviour, passed: dict[str, list[str]]) -> clients.Client:
    name = _PYPI[claim.id]
    version = metadata.version(name)
    if not claim.says.startswith(f"{name} {version} "):
        return clients.Client(name, version, worked=False, words=f"the claim is about another: {claim.says}")
    if not passed.get(claim.id):
        return clients.Client(name, version, worked=False, words="see the tests above")
    return clients.Client(name, version, worked=True, words=claim.says.removeprefix(f"{name} {version} "))


def _tests() -> tuple[int, dict[str, list[str]]]:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="print-conformance-") as folder:
        told = Path(folder) / "passed.json"
        command = [sys.executable, "-m", "pytest", "-q", "--show-capture=no", "tests/sandbox"]
        code = subprocess.run([*command, "--behaviours", str(told)], cwd=page.ROOT).returncode
        passed: dict[str, list[str]] = json.loads(told.read_text()) if told.exists() else {}
    print(f"The tests of the sandbox took {time.monotonic() - began:.0f} s.")
    return code, passed


if __name__ == "__main__":
    sys.exit(main())
