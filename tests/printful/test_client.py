from __future__ import annotations

import pytest

from airflow_provider_print.core.errors import InputError, UnexpectedAnswerError
from airflow_provider_print.printful.client import PrintfulClient
from airflow_provider_print.printful.models import LibraryFile

ART = "https://art.example.net/tee/wave.png"


@pytest.mark.parametrize(
    ("url", "versioned"),
    [
        (ART, f"{ART}?v=2"),
        (f"{ART}?", f"{ART}?v=2"),
        (f"{ART}?sig=a%2Fb&x", f"{ART}?sig=a%2Fb&x&v=2"),
        (f"{ART}?v=1&sig=a", f"{ART}?sig=a&v=2"),
        (f"{ART}#top", f"{ART}?v=2#top"),
        (f"{ART}?vv=1", f"{ART}?vv=1&v=2"),
    ],
)
def test_a_version_changes_the_url_and_nothing_else_of_its_query(url: str, versioned: str) -> None:
    assert PrintfulClient.with_version(url, "2") == versioned
    assert PrintfulClient.with_version(versioned, "2").endswith(versioned.split("?")[1])


def test_a_version_may_hold_any_sign() -> None:
    assert PrintfulClient.with_version(ART, "2026-11-30 & more").endswith("?v=2026-11-30+%26+more")


@pytest.mark.parametrize("version", ["", "a\nb"])
def test_a_version_is_a_short_text(version: str) -> None:
    with pytest.raises(InputError) as caught:
        PrintfulClient.with_version(ART, version)
    assert caught.value.param == "version"


def test_a_file_of_any_age_is_read_and_an_unknown_status_is_named() -> None:
    file = LibraryFile.read({"id": 1, "status": "deleted", "later": 1})
    assert file.model_extra == {"later": 1}
    with pytest.raises(UnexpectedAnswerError, match="'deleted'"):
        file.known_status  # noqa: B018 - it is read for its check


def test_printing_a_file_does_not_show_its_links() -> None:
    file = LibraryFile.read({"id": 1, "status": "ok", "url": "https://signed", "thumbnail_url": "https://t"})
    assert repr(file) == "LibraryFile(id=1, status='ok')"
