from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from proofs.outbox.__main__ import main
from proofs.outbox.checks import few_colours

if TYPE_CHECKING:
    import pytest


def test_without_a_browser_the_command_says_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--browser", "/no/such/browser"]) == 2
    said = capsys.readouterr().err
    assert "/no/such/browser" in said
    assert "Nothing is downloaded" in said


def test_a_browser_that_does_not_start_is_reported_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--browser", "/bin/true"]) == 2
    said = capsys.readouterr().err
    assert "/bin/true does not start" in said or "pip install" in said


def test_large_areas_of_a_picture_keep_their_very_colour() -> None:
    picture = Image.effect_noise((300, 300), 90).convert("RGB")
    picture.paste((243, 241, 236), (0, 0, 300, 150))
    few = few_colours(picture)
    assert len(few.getcolors() or []) <= 256
    assert few.convert("RGB").getpixel((10, 10)) == (243, 241, 236)
