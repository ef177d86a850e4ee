"""Rows: who they are, whom they go to, and what is said of a faulty one."""

from __future__ import annotations

import base64
import json
import tracemalloc
from typing import Any

import pytest

from airflow_provider_print.core.errors import InputError
from airflow_provider_print.intelliprint.bulk.rows import Columns, digest_of, take_rows

KEYED = Columns(row_key="number")
GOOD = {"number": 7, "name": "Zorgwald", "line": "7 Zorgwald Lane\nANYTOWN", "postcode": "AB1 2CD"}


def take(*rows: Any, columns: Columns = KEYED) -> list[Any]:
    return [json.loads(row.recipient) for row in take_rows(rows, columns, bulk="af1-a")]


def refused(*rows: Any, columns: Columns = KEYED) -> str:
    with pytest.raises(InputError) as caught:
        take(*rows, columns=columns)
    assert caught.value.param == "rows"
    assert "orgwald" not in str(caught.value)
    return caught.value.message


def test_fields_of_the_usual_names_are_the_address_and_nothing_else_is_sent() -> None:
    (recipient,) = take({**GOOD, "iban": "GB00", "country": "GB"})
    assert recipient == {
        "address": {"name": "Zorgwald", "line": GOOD["line"], "postcode": "AB1 2CD", "country": "GB"}
    }


def test_address_and_variables_may_be_objects() -> None:
    (recipient,) = take({"number": "7", "address": {"line": "7 Any Road"}, "variables": {"amount": 3}})
    assert recipient == {"address": {"line": "7 Any Road"}, "variables": {"amount": 3}}


def test_fields_of_other_names_and_of_many_lines_are_put_together() -> None:
    columns = Columns(
        row_key="id",
        address={"name": "who", "line": ["street", "more", "town"], "postcode": "zip"},
        variables={"sum": "amount"},
    )
    row = {
        "id": 1,
        "who": "A",
        "street": " 7 Any Road ",
        "more": "",
        "town": "TOWN",
        "zip": "",
        "amount": "3",
    }
    (recipient,) = take(row, columns=columns)
    assert recipient == {
        "address": {"name": "A", "line": "7 Any Road\nTOWN"},
        "variables": {"sum": "3"},
    }


def test_variables_may_be_a_list_of_fields() -> None:
    columns = Columns(row_key="number", variables=["amount"])
    (recipient,) = take({**GOOD, "amount": "3.50"}, columns=columns)
    assert recipient["variables"] == {"amount": "3.50"}


def test_a_number_and_its_digits_are_one_row_key() -> None:
    assert refused(GOOD, {**GOOD, "number": " 7 "}) == (
        "The rows cannot be posted: row 2: the row key is that of row 1."
    )


@pytest.mark.parametrize("key", [None, "", " ", 1.5, True, ["7"], "x" * 201, "a\nb"])
def test_what_is_no_row_key_is_refused(key: Any) -> None:
    assert "row 1: the row key is" in refused({**GOOD, "number": key})


def test_faults_are_summed_up_by_row_and_never_quote_one() -> None:
    bad = {**GOOD, "country": "Zorgwaldia"}
    rows = [{**bad, "number": n} for n in range(10)] + [{"number": 10}, "Zorgwald", {"name": "Zorgwald"}]
    message = refused(*rows)
    assert "rows 1, 2, 3, 4, 5 and 5 more: address.country is not a country" in message
    assert "row 11: address.line is missing" in message
    assert "row 12: it is not an object with named fields" in message
    assert "row 13: the field of row_key is missing" in message


def test_two_spellings_of_an_accent_are_one_row_key() -> None:
    one, other = ("Andr\u00e9", "Andre\u0301")
    assert KEYED.key_of({"number": one}) == KEYED.key_of({"number": other})


def test_two_of_very_many_rows_hardly_ever_share_a_digest() -> None:
    values = 2 ** (len(base64.urlsafe_b64decode(digest_of("1", bulk="af1-a"))) * 8)
    pairs = 100_000**2 / 2
    assert pairs / values < 1e-11, "such a row would be taken for posted, and never be"


@pytest.mark.parametrize("part", ["address", "variables"])
def test_a_name_that_a_row_gives_to_a_field_is_not_quoted_either(part: str) -> None:
    row = {"number": 1, "address": {"line": "7 Any Road"}}
    row[part] = {**row.get(part, {}), "Mrs Zorgwald": ["x"]}  # type: ignore[dict-item]
    assert f"row 1: {part}.(a name) " in refused(row)


def test_a_field_that_is_told_and_missing_is_named() -> None:
    columns = Columns(row_key="number", address={"line": ["street"]})
    assert "row 1: the field street is missing" in refused(GOOD, columns=columns)


def test_no_rows_are_a_mistake() -> None:
    assert refused() == "There are no rows."


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"row_key": ""}, "row_key"),
        ({"row_key": 3}, "row_key"),
        ({"address": {"name": "a"}}, "address"),
        ({"address": {"line": 3}}, "address"),
        ({"address": {"line": "a", "town": "b"}}, "address"),
        ({"address": "line"}, "address"),
        ({"variables": "amount"}, "variables"),
        ({"variables": [1]}, "variables"),
        ({"variables": 3}, "variables"),
    ],
)
def test_columns_that_are_none_are_refused_by_name(wrong: dict[str, Any], param: str) -> None:
    with pytest.raises(InputError) as caught:
        Columns(**{"row_key": "number", **wrong})
    assert caught.value.param == param


def test_a_row_takes_less_than_a_kilobyte() -> None:
    source = ({**GOOD, "number": n, "name": f"Reader {n}", "more": "x" * 1000} for n in range(3_000))
    tracemalloc.start()
    rows = take_rows(source, KEYED, bulk="af1-a")
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(rows) == 3_000
    assert held < 3_000_000 * 0.7
    assert peak < 3_000_000
