from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox


@pytest.mark.behaviour("sandbox.assets")
def test_the_example_artwork_is_served(print_sandbox: PrintSandbox) -> None:
    listed = requests.get(print_sandbox.url + "/_sandbox/assets").json()["assets"]
    assert listed
    for asset in listed:
        answer = requests.get(asset["url"])
        assert answer.headers["Content-Type"] == "image/png"
        assert len(answer.content) == asset["size"]


@pytest.mark.behaviour("sandbox.assets")
def test_an_asset_can_be_added_and_is_gone_after_a_reset(print_sandbox: PrintSandbox) -> None:
    url = print_sandbox.url + "/_sandbox/assets/own.pdf"
    assert requests.put(url, data=b"%PDF").json() == {"name": "own.pdf", "size": 4, "url": url}
    answer = requests.get(url)
    assert (answer.content, answer.headers["Content-Type"]) == (b"%PDF", "application/pdf")
    assert "own.pdf" in [asset["name"] for asset in requests.get(url.rpartition("/")[0]).json()["assets"]]
    print_sandbox.reset(frozen=True)
    assert requests.get(url).status_code == 404


@pytest.mark.parametrize("name", [".hidden", "a b", "x" * 101, "é"])
@pytest.mark.behaviour("sandbox.names")
def test_a_name_that_could_mean_something_else_is_refused(print_sandbox: PrintSandbox, name: str) -> None:
    assert requests.put(f"{print_sandbox.url}/_sandbox/assets/{name}", data=b"x").status_code == 400
