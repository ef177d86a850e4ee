"""Word and RTF files as PDF, through LibreOffice where it is installed.

It runs beside the PDF worker, not in it: LibreOffice needs more memory than the worker may have.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from airflow_provider_print.sandbox.pdf.errors import UnreadableFile

#: Seconds for one conversion; the first start of LibreOffice is slow.
SECONDS = 60


def office_to_pdf(data: bytes, suffix: str) -> bytes:
    """Convert a DOCX or RTF file.

    :param suffix: `.docx` or `.rtf`
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
        (folder / f"file{suffix}").write_bytes(data)
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        options = [profile, "--headless", "--norestore", "--convert-to", "pdf", "--outdir", name]
        try:
            subprocess.run(  # noqa: S603 (fixed arguments; the file's name is ours)
                [program, *options, str(folder / f"file{suffix}")],
                capture_output=True,
                check=False,
                timeout=SECONDS,
                env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": name},
            )
        except subprocess.TimeoutExpired:
            raise UnreadableFile("too large", "Converting this file takes too long.") from None
        result = folder / "file.pdf"
        if not result.exists():
            raise UnreadableFile("broken", "The file is damaged and cannot be converted.")
        return result.read_bytes()
