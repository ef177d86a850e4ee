"""A short run of the fuzzer, and that it notices what it is there to notice."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from airflow_provider_print.sandbox.openapi import DOCUMENTS, document
from proofs.fuzz import contract, hostile
from proofs.fuzz.contract import Reply
from proofs.fuzz.hostile_files import HOSTILE
from proofs.fuzz.running import Result, run

ORIGIN = "http://127.0.0.1:8631"


@pytest.mark.parametrize("service", sorted(DOCUMENTS))
def test_a_few_hundred_requests_are_all_answered_as_the_document_says(service):
    result = run(service, requests=300, seed=7, shrink=False)
    assert result.breach is None, "\n".join(result.breach or ())
    assert result.requests >= 300
    asked = [endpoint for endpoint, counts in result.statuses.items() if counts]
    assert len(asked) == len(result.statuses)
    succeeded = sum(result.share(endpoint) * counts.total() for endpoint, counts in result.statuses.items())
    assert succeeded > 0.3 * result.requests


def operation(name: str) -> contract.Operation:
    found = contract.operations(json.loads(json.dumps(document("intelliprint", ORIGIN))))
    return next(each for each in found if each.name == name)


def reply(status: int, body: object, **headers: str) -> Reply:
    return Reply(
        status,
        {"content-type": "application/json", "request-id": "req_1", **headers},
        json.dumps(body).encode(),
    )


DELETED = {"id": "bg_1", "object": "background", "deleted": True}


def test_an_answer_as_described_is_no_breach():
    assert operation("deleteBackground").breach(reply(200, DELETED), projected=False) is None


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (reply(200, {**DELETED, "more": 1}), "more"),
        (reply(200, {"id": "bg_1"}), "required"),
        (reply(299, DELETED), "status 299"),
        (reply(200, DELETED, **{"content-type": "text/html"}), "text/html"),
        (Reply(200, {"content-type": "application/json"}, b"{"), "no JSON"),
        (Reply(404, {"content-type": "application/json"}, b"{}"), "without request-id"),
    ],
)
def test_an_answer_that_is_not_as_described_is_a_breach(answer, told):
    assert told in (operation("deleteBackground").breach(answer, projected=False) or "")


def test_only_who_asks_for_some_fields_may_get_a_part_of_an_object():
    listing = {"object": "list", "data": [{"name": "a"}], "has_more": False, "total_available": 1}
    assert operation("listBackgrounds").breach(reply(200, listing), projected=True) is None
    assert "name" in (operation("listBackgrounds").breach(reply(200, listing), projected=False) or "")


def test_a_body_that_the_document_does_not_know_is_noticed():
    update = operation("updateBackground")
    assert update.described({"name": "a"})
    assert not update.described({"name": "a", "surplus": 1})
    assert not update.described({"name": ["a"]})


def test_an_endpoint_that_seldom_succeeds_is_told_of_unless_it_can_not():
    result = Result("intelliprint", without_success=["GET /gone"])
    result.statuses = {
        "GET /fine": Counter({200: 3, 400: 7}),
        "GET /poor": Counter({201: 5, 404: 15}),
        "GET /gone": Counter({410: 10}),
    }
    assert result.poor() == ["GET /poor"]
    assert result.share("GET /fine") == 0.3
    assert result.requests == 40


def test_the_hostile_files_have_names_of_their_own():
    assert len({file.name for file in HOSTILE}) == len(HOSTILE)


def test_a_wrong_answer_to_a_hostile_file_is_told(capsys):
    script = next(file for file in HOSTILE if file.expected == (200,))
    wrong = type(script)(script.name, script.make, (400,))
    assert hostile.report([script]) is True
    assert hostile.report([wrong]) is False
    assert "200 is not the right answer" in capsys.readouterr().out
