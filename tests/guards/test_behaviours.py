"""Nothing is claimed of the sandbox that no test shows, and the list of claims is not out of date."""

from __future__ import annotations

from airflow_provider_print.sandbox import catalogue, coverage
from proofs.conformance import page
from tests.support.behaviours import NAMED

_HINT = "run: python -m proofs.conformance --without-npm"


def test_every_claim_is_named_by_a_test_that_runs() -> None:
    assert sorted(catalogue.read().keys() - NAMED.keys()) == []


def test_the_shipped_list_says_what_the_catalogue_and_the_tests_say() -> None:
    assert coverage.shipped() == coverage.rows(catalogue.read(), NAMED), _HINT


def test_the_page_of_the_documentation_says_what_the_shipped_list_says() -> None:
    assert page.outdated(coverage.shipped()) == [], _HINT
