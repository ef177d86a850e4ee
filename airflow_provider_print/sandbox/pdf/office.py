"""Word and RTF files as PDF, through LibreOffice where it is installed.

It runs beside the PDF worker, not in it: LibreOffice needs more memory than the worker may have. It gets a
fresh profile that lets it load nothing from elsewhere and run no macros, a bare environment, a limit on time
and memory, and is ended with everything that it started.
"""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from airflow_provider_print.sandbox.pdf.errors import UnreadableFile

#: Seconds for one conversion; the first start of LibreOffice is slow.
SECONDS = 60
#: Address space of the converter in bytes, where the system can limit that of another process (Linux).
MEMORY = 4 * 1024 * 1024 * 1024

_SECURITY = "/org.openoffice.Office.Common/Security/Scripting"
_SETTINGS = f"""<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="{_SECURITY}"><prop oor:name="BlockUntrustedRefererLinks"><value>true</value></prop></item>
<item oor:path="{_SECURITY}"><prop oor:name="DisableActiveContent"><value>true</value></prop></item>
<item oor:path="{_SECURITY}"><prop oor:name="DisableMacrosExecution"><value>true</value></prop></item>
<item oor:path="{_SECURITY}"><prop oor:name="MacroSecurityLevel"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update">
<prop oor:name="Link"><value>0</value></prop></item>
</oor:items>
"""


def office_to_pdf(data: bytes, suffix: str) -> bytes:
    """Convert a Word or RTF file.

    :param suffix: `.docx`, `.doc` or `.rtf`
    :raises UnreadableFile: no converter on this machine, or one that did not manage
    """
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise UnreadableFile(
            "unknown kind",
            "This sandbox has no converter for Word and RTF files: install LibreOffice or send a PDF.",
        )
    with tempfile.TemporaryDirectory(prefix="print-sandbox-office-") as name:
        folder = Path(name)
        source = folder / f"file{suffix}"
        source.write_bytes(data)
        (folder / "profile" / "user").mkdir(parents=True)
        (folder / "profile" / "user" / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        options = [profile, "--headless", "--norestore", "--convert-to", "pdf", "--outdir", name]
        _run([program, *options, str(source)], home=name)
        result = folder / "file.pdf"
        if not result.exists():
            raise UnreadableFile("broken", "The file is damaged and cannot be converted.")
        return result.read_bytes()


def _run(command: list[str], *, home: str) -> None:
    process = subprocess.Popen(  # noqa: S603 (fixed arguments; the file's name is ours)
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": home},
        start_new_session=True,  # the program is a script that starts others: they end with it
    )
    if hasattr(resource, "prlimit"):
        with contextlib.suppress(OSError):
            resource.prlimit(process.pid, resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        raise UnreadableFile("too large", "Converting this file takes too long.") from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
