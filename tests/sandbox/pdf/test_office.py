"""Word and RTF files go through LibreOffice, which is let do nothing but convert them."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from airflow_provider_print.sandbox import pdf
from airflow_provider_print.sandbox.pdf import office
from tests.sandbox.pdf.builders import letter_pdf

if TYPE_CHECKING:
    from collections.abc import Callable

RTF = rb"{\rtf1 Dear Ada}"
DOCX = b"PK\x03\x04" + b"\0" * 26 + b"word/document.xml"
DOC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "WordDocument".encode("utf-16-le")


@pytest.fixture
def converter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put a shell script in the place of LibreOffice; `$2` is the folder of its results and `$3` the file."""

    def install(script: str) -> None:
        program = tmp_path / "soffice"
        program.write_text('#!/bin/sh\nprofile=$1\nwhile [ "$1" != "--outdir" ]; do shift; done\n' + script)
        program.chmod(0o755)
        monkeypatch.setattr(shutil, "which", lambda _: str(program))

    return install


@pytest.mark.parametrize("data", [RTF, DOCX, DOC])
@pytest.mark.behaviour("intelliprint.content.no-converter")
def test_without_a_converter_word_and_rtf_files_say_what_is_missing(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(pdf.UnreadableFile, match="install LibreOffice") as caught:
        pdf.to_pdf(data)
    assert caught.value.reason == "unknown kind"


@pytest.mark.parametrize(("data", "suffix"), [(RTF, "rtf"), (DOCX, "docx"), (DOC, "doc")])
@pytest.mark.behaviour("intelliprint.content.word")
def test_a_converter_gets_the_file_and_gives_the_pdf(
    data: bytes, suffix: str, tmp_path: Path, converter: Callable[[str], None]
) -> None:
    result = tmp_path / "result.pdf"
    result.write_bytes(letter_pdf(["converted"]))
    converter(f'[ "${{3##*.}}" = {suffix} ] && test -s "$3" && cp {result} "$2/file.pdf"\n')
    assert "converted" in pdf.page_texts(pdf.to_pdf(data))[0]


def test_a_converter_that_makes_nothing_means_a_broken_file(converter: Callable[[str], None]) -> None:
    converter("true\n")
    with pytest.raises(pdf.UnreadableFile) as caught:
        pdf.to_pdf(RTF)
    assert caught.value.reason == "broken"


def test_a_converter_may_load_nothing_from_elsewhere_and_run_no_macros(
    tmp_path: Path, converter: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    result, settings, secrets = tmp_path / "result.pdf", tmp_path / "settings", tmp_path / "secrets"
    result.write_bytes(letter_pdf(["converted"]))
    monkeypatch.setenv("A_SECRET_OF_THE_MACHINE", "x")
    converter(
        f'cp "${{profile#-env:UserInstallation=file://}}/user/registrymodifications.xcu" {settings}\n'
        f'env > {secrets}; cp {result} "$2/file.pdf"\n'
    )
    pdf.to_pdf(RTF)
    for name in ("BlockUntrustedRefererLinks", "DisableActiveContent", "DisableMacrosExecution"):
        assert f'oor:name="{name}"><value>true</value>' in settings.read_text()
    assert "A_SECRET_OF_THE_MACHINE" not in secrets.read_text()


def test_a_converter_that_hangs_ends_with_everything_it_started(
    tmp_path: Path, converter: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    started = tmp_path / "pid"
    converter(f"sleep 600 & echo $! > {started}; wait\n")
    monkeypatch.setattr(office, "SECONDS", 0.5)
    with pytest.raises(pdf.UnreadableFile, match="takes too long") as caught:
        pdf.to_pdf(RTF)
    assert caught.value.reason == "too large"
    child = int(started.read_text())
    deadline = time.monotonic() + 5
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _runs(child)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # An orphan that nobody has waited for yet is dead all the same.
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"
