"""A PostgreSQL server of our own, from the programs that the system's packages bring."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tools.processes import start

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import IO, Any

_PLACES = (
    "usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "usr/pgsql-*/bin",  # the project's own packages for Fedora, RHEL
    "usr/lib/postgresql*/bin",  # SUSE
    "opt/homebrew/opt/postgresql*/bin",
    "usr/local/opt/postgresql*/bin",
)
_NEEDED = ("initdb", "postgres")
_PREFIX = "chaos-airflow-"
_NOTE = "database.folder"
_WAIT_SECONDS = 60.0


class PostgresError(RuntimeError):
    """The server is not there or does not start; the text says what to do."""


class Postgres:
    """A server in a new folder, which is reached through a socket in that folder only.

    It does not run as root, so as root it is started as `postgres` or `nobody`. The folder lies where
    temporary files do: that user must be able to reach it, and the path of a socket must be short.

    :param notes: folder in which is written down what a later run must clean up.
    """

    def __init__(self, notes: Path) -> None:
        self._programs = _find_programs()
        _check_drivers()
        self._notes = notes
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        (notes / _NOTE).write_text(str(self.folder))
        self._user = _unprivileged() if os.geteuid() == 0 else None
        if self._user is not None:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)

    @property
    def url(self) -> str:
        """What SQLAlchemy connects to."""
        return f"postgresql+psycopg2://airflow@/postgres?host={self.folder}"

    def start(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Make a cluster and start the server.

        :param log: where the server writes to.
        :raises PostgresError: when it does not come up.
        """
        data = str(self.folder / "data")
        made = subprocess.run(
            self._command(
                "initdb",
                "-D",
                data,
                "-U",
                "airflow",
                "--auth=trust",
                "--no-sync",
                "--encoding=UTF8",
                "--locale=C",
            ),
            capture_output=True,
            check=False,
            cwd=self.folder,
        )
        if made.returncode:
            raise PostgresError(f"initdb failed: {made.stderr.decode(errors='replace')}")
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "max_connections": "200",
            "fsync": "off",  # a server that dies with its machine is not what is put to the test
            "shared_buffers": "64MB",
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        command = self._command("postgres", "-D", data, *settings)
        server = start(command, log=log, folder=self._notes, env={**os.environ, "LC_ALL": "C"})
        self._wait(server)
        return server

    def execute(self, text: str) -> list[tuple[Any, ...]]:
        """Run statements; return the rows of the last one."""
        import psycopg2

        connection = psycopg2.connect(host=str(self.folder), user="airflow", dbname="postgres")
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(text)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def remove(self) -> None:
        """Delete the folder, once the server has ended."""
        shutil.rmtree(self.folder, ignore_errors=True)
        (self._notes / _NOTE).unlink(missing_ok=True)

    def _command(self, program: str, *arguments: str) -> Sequence[str]:
        command = [str(self._programs / program), *arguments]
        if self._user is None:
            return command
        ids = [f"--reuid={self._user.pw_uid}", f"--regid={self._user.pw_gid}", "--clear-groups"]
        return ["setpriv", *ids, "--", *command]

    def _wait(self, server: subprocess.Popen[bytes]) -> None:
        """Wait until connections are taken: the last line of the file that the server keeps says so."""
        until = time.monotonic() + _WAIT_SECONDS
        state = self.folder / "data" / "postmaster.pid"
        while time.monotonic() < until and server.poll() is None:
            lines = state.read_text().splitlines() if state.exists() else []
            if len(lines) >= 8 and lines[7].strip() == "ready":
                return
            time.sleep(0.1)
        raise PostgresError("PostgreSQL did not start: see its log")


def remove_leftovers(notes: Path) -> None:
    """Delete the folder of an earlier run that was cut off, and no other.

    :param notes: the folder in which that run wrote it down.
    """
    note = notes / _NOTE
    if not note.exists():
        return
    folder = Path(note.read_text())
    if folder.parent == Path(tempfile.gettempdir()) and folder.name.startswith(_PREFIX):
        shutil.rmtree(folder, ignore_errors=True)


def _find_programs() -> Path:
    """Return the folder with the server's programs, the newest one.

    :raises PostgresError: when there is none; the text names the package.
    """
    root = Path("/")
    places = sorted((str(place) for pattern in _PLACES for place in root.glob(pattern)), key=_version)
    on_path = shutil.which("postgres")
    if on_path:
        places.append(str(Path(on_path).resolve().parent))
    for place in reversed(places):
        if all(os.access(Path(place) / name, os.X_OK) for name in _NEEDED):
            return Path(place)
    raise PostgresError(
        "this proof needs a PostgreSQL server as Airflow's database. "
        "Type:  sudo apt-get install postgresql   (then the same make command again)"
    )


def _check_drivers() -> None:
    """Stop where Airflow could not talk to the server: it needs one driver for each of its two ways."""
    absent = [name for name in ("psycopg2", "asyncpg") if importlib.util.find_spec(name) is None]
    if absent:
        raise PostgresError(
            f"Airflow cannot use PostgreSQL without {' and '.join(absent)}. "
            "Type:  pip install 'airflow-provider-print[proofs]'"
        )


def _version(place: str) -> tuple[int, ...]:
    digits = "".join(one if one.isdigit() else " " for one in place)
    return tuple(int(one) for one in digits.split())


def _unprivileged() -> pwd.struct_passwd:
    if shutil.which("setpriv") is None:
        raise PostgresError(
            "PostgreSQL does not run as root, and there is no setpriv to start it as somebody else: "
            "install the package util-linux, or run this as another user"
        )
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresError("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")
