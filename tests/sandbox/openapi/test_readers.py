"""What a reader takes and what it says that it takes are the same, whatever is tried."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from airflow_provider_print.sandbox.intelliprint import fields
from airflow_provider_print.sandbox.intelliprint.errors import ServiceError
from airflow_provider_print.sandbox.intelliprint.parameters import Reader
from proofs.fuzz import drawing

TABLES = {
    name: table
    for name, table in vars(fields).items()
    if isinstance(table, dict) and table and all(isinstance(reader, Reader) for reader in table.values())
}
NAMED = {
    id(reader): f"{table}.{name}" for table, readers in TABLES.items() for name, reader in readers.items()
}
READERS = {
    NAMED[id(reader)]: reader for readers in TABLES.values() for reader in readers.values()
}  # each once, however many tables share it
TIMELY = settings(max_examples=25, database=None, deadline=None, derandomize=True, phases=(Phase.generate,))
VALUES = st.one_of(
    drawing.hostile,
    st.recursive(
        st.one_of(
            st.none(), st.booleans(), st.integers(-5, 10**6), st.floats(allow_nan=False), st.text(max_size=9)
        ),
        lambda inner: st.one_of(
            st.lists(inner, max_size=2),
            st.dictionaries(
                st.sampled_from(["0", "1", "content", "url", "name", "line", "address"]), inner, max_size=2
            ),
        ),
        max_leaves=4,
    ),
)


def taken(reader: Reader, value: Any) -> bool:
    try:
        reader(value, "it")
    except ServiceError:
        return False
    return True


def test_every_table_of_parameters_is_under_test():
    assert {
        "CREATE",
        "UPDATE",
        "PRINT_LIST",
        "BACKGROUND_CREATE",
        "MAILING_LIST_CREATE",
        "MERGE",
    } <= TABLES.keys()


@pytest.mark.parametrize("name", READERS)
@pytest.mark.behaviour("sandbox.openapi.parameters")
def test_what_a_reader_takes_it_says_that_it_takes(name):
    reader = READERS[name]
    schema = Draft202012Validator(reader.accepts)

    @TIMELY
    @given(VALUES)
    def holds(value: Any) -> None:
        assert not taken(reader, value) or schema.is_valid(value)

    holds()


def canonical(schema: Any) -> Any:
    """The form of each value that a client should send, which is the first one."""
    if isinstance(schema, list):
        return [canonical(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "anyOf" in schema:
        return canonical(schema["anyOf"][0])
    return {name: canonical(item) for name, item in schema.items()}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.behaviour("sandbox.openapi.parameters")
def test_what_a_reader_says_that_clients_should_send_it_takes(name):
    reader = READERS[name]
    schema = Draft202012Validator(reader.schema)
    hints = {"content": lambda _draw: "YQ==", "url": lambda _draw: "http://host.test/a.pdf"}

    @TIMELY
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        value = drawing.value(data.draw, canonical(reader.schema), hints)
        assert not schema.is_valid(value) or taken(reader, value)

    holds()


@pytest.mark.parametrize("text", ["1_000", "١٢", "0x10", "1e", "--1", ".5", "inf", "nan"])
def test_text_that_only_a_programming_language_takes_for_a_number_is_refused(text):
    assert not taken(fields.PAGING["limit"], text)
    assert not Draft202012Validator(fields.PAGING["limit"].accepts).is_valid(text)


def test_a_list_with_nothing_at_a_position_is_refused():
    documents = fields.CREATE["extra_documents"]
    assert not taken(documents, [None])
    assert not Draft202012Validator(documents.accepts).is_valid([None])
