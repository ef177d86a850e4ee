from __future__ import annotations

import base64

import pytest

from airflow_provider_print.core.redaction import Redactor

KEY = "key_a/b+SECRET"


@pytest.mark.parametrize(
    "form",
    [
        KEY,
        "key_a%2Fb%2BSECRET",
        base64.b64encode(KEY.encode()).decode(),
        base64.b64encode(f"{KEY}:".encode()).decode(),
        base64.b64encode(f":{KEY}".encode()).decode(),
    ],
)
def test_an_api_key_is_masked_in_every_form_in_which_it_travels(form: str) -> None:
    assert Redactor([KEY]).clean(f"wrong: {form}!") == "wrong: ***!"


def test_what_was_sent_is_masked_line_by_line_and_in_any_case() -> None:
    private = ["Ada Reader", "7 Any Road\nANYTOWN", "Al"]
    text = "ADA READER of 7 any road, anytown: also known as Al"
    assert Redactor().clean(text, private) == "*** of ***, ***: also known as ***"


def test_short_values_do_not_eat_into_other_words() -> None:
    assert Redactor().clean("recipients[1] is already invalid", ["1", "a", "Al", "is", "lid"]) == (
        "recipients[1] *** already invalid"
    )


def test_a_piece_of_a_long_text_is_masked_too() -> None:
    content = "Dear Ada, your account 1234 has been overdrawn by seven pounds since Tuesday."
    text = "Cannot set: 'your account 1234 has been overdrawn by...'"
    assert Redactor().clean(text, [content]) == "Cannot set: '***...'"


def test_a_text_from_outside_becomes_one_short_line() -> None:
    cleaned = Redactor().clean("a\r\nb\x00\x1b[31mc\u2028d" + "x" * 5000)
    assert cleaned.startswith("a b [31mc d")
    assert len(cleaned) <= 600


def test_the_redactor_shows_nothing_of_what_it_hides() -> None:
    assert KEY not in repr(Redactor([KEY]))
