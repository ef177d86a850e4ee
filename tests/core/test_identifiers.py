from __future__ import annotations

import pytest

from airflow_provider_print.core.errors import InputError
from airflow_provider_print.core.identifiers import check_id, check_url, host_of, is_loopback


@pytest.mark.parametrize("value", ["print_1", "a", "A-b_9", "x" * 64, 42])
def test_an_id_is_letters_digits_and_two_signs(value: object) -> None:
    assert check_id(value, param="print_id") == str(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "../mailing_lists/x",
        "x?confirmed=true",
        "%2e%2e/admin",
        "x/y",
        "x y",
        "x\n",
        "x\0",
        "x" * 65,
        "é",
        None,
        True,
    ],
)
def test_what_could_change_the_call_is_refused_without_being_shown(value: object) -> None:
    with pytest.raises(InputError) as caught:
        check_id(value, param="print_id")
    assert caught.value.param == "print_id"
    if value:
        assert str(value) not in str(caught.value).replace("True", "") or value is True


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine_is_known_by_all_its_names(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["localhost.example", "10.0.0.1", "128.0.0.1", "::2", None, ""])
def test_other_machines_are_not_this_one(host: str | None) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("url", ["https://api.example/v1", "http://127.0.0.1:8631/x", "http://[::1]:80/"])
def test_https_and_this_machine_may_be_called(url: str) -> None:
    assert check_url(url, allow_http=False, param="host") == url


def test_plain_http_to_other_machines_needs_to_be_allowed() -> None:
    with pytest.raises(InputError, match="in the clear"):
        check_url("http://api.example", allow_http=False, param="host")
    assert check_url("http://api.example", allow_http=True, param="host")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example",
        "ftp://x",
        "file:///etc/passwd",
        "https://",
        "https://x:notaport",
        "https://a b",
        "https://x\n",
        "http://[::1",
        "https://user:pw@x",
    ],
)
def test_what_is_no_plain_url_is_refused(url: str) -> None:
    with pytest.raises(InputError) as caught:
        check_url(url, allow_http=True, param="host")
    assert caught.value.param == "host"
    assert "pw" not in str(caught.value)


def test_only_host_and_port_of_a_url_are_shown() -> None:
    assert host_of("https://files.example:8443/signed?secret=1") == "files.example:8443"
    assert host_of("http://[broken") == "(unreadable URL)"
