from __future__ import annotations

import pytest

from airflow_provider_print.sandbox.bodies import BodyFormatError, UploadedFile, nest, parse_body

FORM = "application/x-www-form-urlencoded"


def test_bracket_names_are_nested() -> None:
    fields = parse_body(FORM, b"a[b]=1&a[c][d]=2&list[0][x]=3&list[1][x]=4&plain=5")
    assert fields == {
        "a": {"b": "1", "c": {"d": "2"}},
        "list": {"0": {"x": "3"}, "1": {"x": "4"}},
        "plain": "5",
    }


def test_empty_brackets_count_and_repeated_names_make_a_list() -> None:
    assert nest([("a[]", "x"), ("a[]", "y"), ("b", "1"), ("b", "2")]) == {
        "a": {"0": "x", "1": "y"},
        "b": ["1", "2"],
    }


def test_names_whose_brackets_do_not_add_up_are_left_as_they_are() -> None:
    names = ["a[", "a[b", "a]", "a[b]c", "[a]", "a[0]b[c]", "", "a[b[c]]"]
    assert nest([(name, "x") for name in names]) == dict.fromkeys(names, "x")


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert parse_body("application/json", b'{"a": "\\ud83d\\ude00"}') == {"a": "\U0001f600"}


def test_a_urlencoded_body_may_hold_plain_utf_8() -> None:
    assert parse_body(FORM, "a=é&b=%C3%A9".encode()) == {"a": "é", "b": "é"}


def test_a_multipart_body_holds_fields_and_files() -> None:
    body = (
        b'--X\r\nContent-Disposition: form-data; name="a[b]"\r\n\r\nt\xc3\xa9xt\r\n'
        b'--X\r\nContent-Disposition: form-data; name="file"; filename="r.pdf"\r\n'
        b"Content-Type: application/pdf\r\n\r\n%PDF\r\n\r\n--X--\r\n"
    )
    fields = parse_body("multipart/form-data; boundary=X", body)
    assert fields == {"a": {"b": "téxt"}, "file": UploadedFile("r.pdf", "application/pdf", b"%PDF\r\n")}


def test_an_empty_body_has_no_fields_whatever_it_says_it_is() -> None:
    assert parse_body("multipart/form-data", b"") == {}
    assert parse_body("", b" ") == {}


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("application/json", b"{"),
        ("application/json", b"[1]"),
        ("application/json", b"[" * 100_000),
        ("text/plain", b"a=1"),
        ("multipart/form-data", b"--X"),
        ("multipart/form-data; boundary=X", b"nonsense"),
        ("multipart/form-data; boundary=X", b'--X\r\nContent-Disposition: form-data; name="a"\r\n\r\nx'),
        ("multipart/form-data; boundary=X", b"--X\r\nContent-Disposition: form-data\r\n\r\nx\r\n--X--\r\n"),
        (FORM, b"a=1&a[b]=2"),
        (FORM, "a=é".encode("latin-1")),
        (FORM, b"a=%ED%A0%80"),
        ("application/json", b'{"a": [NaN]}'),
        ("application/json", b'{"a": 1e999}'),
        ("application/json", b'{"a": "\\ud800"}'),
        ("application/json", b'{"\\udfff": 1}'),
        ("application/json", b'{"a": "\xed\xa0\x80"}'),
        (FORM, b"a" + b"[b]" * 20 + b"=1"),
    ],
)
def test_a_body_that_keeps_to_no_form_is_refused(kind: str, raw: bytes) -> None:
    with pytest.raises(BodyFormatError):
        parse_body(kind, raw)


def test_an_uploaded_file_does_not_show_its_bytes_or_name() -> None:
    assert "secret" not in repr(UploadedFile("secret.pdf", "x", b"secret"))
