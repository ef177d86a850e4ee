"""Statuses that somebody waits for come from people and templates, so they are read strictly."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_print.core.errors import InputError
from airflow_provider_print.intelliprint.statuses import LetterStatus, parse_targets


def test_one_name_or_several_are_taken() -> None:
    assert parse_targets("sent") == {LetterStatus.SENT}
    assert parse_targets(("sent", LetterStatus.RETURNED)) == {LetterStatus.SENT, LetterStatus.RETURNED}


@pytest.mark.parametrize("wrong", [None, 5, True, [], "", "Sent", [None], [["sent"]], [5], b"sent"])
def test_what_is_no_status_is_bad_input_that_names_its_argument(wrong: Any) -> None:
    with pytest.raises(InputError) as caught:
        parse_targets(wrong, param="target_statuses")
    assert caught.value.param == "target_statuses"
    assert "waiting_to_print" in str(caught.value)
