"""Every field of what the service shows, with its type and its default."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

import pytest
import requests

from airflow_provider_print.sandbox import pdf
from tests.sandbox.calls import ADDRESSED, plain_job

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api

PRINT = "intelliprint.object.print."
LETTER = "intelliprint.object.letter."


def encoded(data: bytes, name: str = "a.pdf") -> dict[str, str]:
    return {"content": base64.b64encode(data).decode(), "name": name}


@pytest.mark.behaviour(
    *(PRINT + name for name in ("shape", "object", "user", "team", "template", "confirmed-at", "created")),
    *(PRINT + name for name in ("file-null", "background", "flags", "remove-letters", "splitting")),
    *(PRINT + name for name in ("reference", "metadata", "mailing-list", "postage", "printing", "nudge")),
    *(PRINT + name for name in ("type", "testmode", "confirmed", "address-window", "extra-documents")),
)
def test_a_draft_that_was_asked_for_nothing_has_every_field_and_its_default(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    print_sandbox.freeze()
    job = api.make()
    letters, cost = job.pop("letters"), job.pop("cost")
    assert len(letters) == 1
    assert set(cost) == {"amount", "tax", "after_tax", "currency"}
    assert job == plain_job(print_sandbox, testmode=True) | {"id": job["id"]}


@pytest.mark.behaviour(
    *(PRINT + name for name in ("reference", "metadata", "file", "splitting", "remove-letters", "printing")),
    *(PRINT + name for name in ("postage", "flags", "nudge", "address-window", "confirmed", "testmode")),
    PRINT + "confirmed-at",
)
def test_a_job_shows_what_it_was_asked_for(
    print_sandbox: PrintSandbox, api: Api, statements: Callable[[int, int], bytes]
) -> None:
    print_sandbox.freeze()
    data = statements(2, 2)
    wanted: dict[str, Any] = {
        "testmode": False,
        "reference": "Batch 7",
        "metadata": {"order": "77"},
        "splitting": {"method": "split_on_pages", "phrase": None, "pages": 2},
        "remove_letters": {"with_phrase": "nowhere", "series": []},
        "printing": {
            "double_sided": "mixed",
            "double_sided_specific_pages": [0, 1],
            "premium_quality": True,
            "black_and_white": True,
            "matt_finish": False,
        },
        "postage": {"service": "uk_first_class", "ideal_envelope": "c4", "mail_date": 1_900_022_400},
        "confidential": True,
        "confirmation_email": True,
        "nudge": {"x": 0.5, "y": -0.5},
        "address_window": "left",
    }
    job = api.make(file=encoded(data, "batch.pdf"), **wanted)
    assert {name: job[name] for name in wanted} == wanted | {
        "postage": {**wanted["postage"], "mail_date": 1_900_022_400 - 1_900_022_400 % 86_400}
    }
    assert job["file"] == {"name": "batch.pdf", "size": len(data), "pages": 4}
    print_sandbox.advance(10)
    confirmed = api.post(f"/prints/{job['id']}", json={"confirmed": True}).json()
    assert (confirmed["confirmed"], confirmed["confirmed_at"]) == (True, int(print_sandbox.now()))
    assert confirmed["created"] == int(print_sandbox.now()) - 10


@pytest.mark.behaviour(PRINT + "created")
def test_created_is_as_coarse_as_the_world_has_it(print_sandbox: PrintSandbox, api: Api) -> None:
    print_sandbox.world(created_resolution_s=60)
    made = api.make()["created"]
    assert made % 60 == 0
    assert made <= print_sandbox.now() < made + 120


@pytest.mark.behaviour(PRINT + "id", PRINT + "account", LETTER + "id")
def test_ids_say_what_they_are_ids_of(api: Api) -> None:
    job = api.make()
    assert re.fullmatch("print_[0-9A-Za-z]{21}", job["id"])
    assert job["account"].startswith("acc_")
    assert re.fullmatch("ltr_[0-9A-Za-z]+", job["letters"][0]["id"])


@pytest.mark.behaviour(PRINT + "type", PRINT + "letters", PRINT + "address-window", PRINT + "postage")
def test_a_postcard_has_letters_too_and_no_window(api: Api, make_pdf: Callable[..., bytes]) -> None:
    job = api.make(
        type="postcard", file=encoded(make_pdf("front", "back")), recipients=[ADDRESSED, ADDRESSED]
    )
    assert (job["type"], job["address_window"]) == ("postcard", None)
    assert job["postage"]["ideal_envelope"] == "postcard_a6"
    assert [letter["object"] for letter in job["letters"]] == ["letter", "letter"]
    assert [letter["envelope"] for letter in job["letters"]] == ["postcard_a6", "postcard_a6"]


@pytest.mark.behaviour(PRINT + "mailing-list", PRINT + "splitting-of-lists")
def test_a_job_for_a_mailing_list_names_it_and_is_not_split(api: Api) -> None:
    members = api.post("/mailing_lists", json={"name": "M", "recipients": [ADDRESSED, ADDRESSED]}).json()
    job = api.make(content="x", mailing_list=members["id"])
    assert job["mailing_list"] == members["id"]
    assert job["splitting"] == {"method": "none", "phrase": None, "pages": None}
    assert len(job["letters"]) == 2


@pytest.mark.behaviour(PRINT + "extra-documents")
def test_an_extra_document_shows_what_it_is_and_where_it_goes(
    api: Api, make_pdf: Callable[..., bytes]
) -> None:
    extras = [
        {"document": encoded(make_pdf("a", "b"), "terms.pdf")},
        {"document": encoded(make_pdf("c"), "slip.pdf"), "apply_background": True},
    ]
    job = api.make(content="x", recipients=[ADDRESSED], extra_documents=extras)
    terms, slip = job["extra_documents"]
    assert terms == {
        "id": terms["id"],
        "name": "terms.pdf",
        "pages": 2,
        "apply_background": False,
        "order": "last",
        "ordering_number": 0,
    }
    assert (slip["name"], slip["apply_background"], slip["ordering_number"]) == ("slip.pdf", True, 1)


@pytest.mark.parametrize(("duplex", "sheets"), [("no", [3, 3]), ("yes", [2, 2])])
@pytest.mark.behaviour(PRINT + "pages", PRINT + "sheets", LETTER + "pages")
def test_pages_and_sheets_are_sums_over_the_letters(
    api: Api, make_pdf: Callable[..., bytes], duplex: str, sheets: list[int]
) -> None:
    job = api.make(
        file=encoded(make_pdf("a", "b")),
        recipients=[ADDRESSED] * 2,
        extra_documents=[{"document": encoded(make_pdf("c"))}],
        printing={"double_sided": duplex},
    )
    assert [letter["pages"] for letter in job["letters"]] == [3, 3]
    assert [letter["sheets"] for letter in job["letters"]] == sheets
    assert (job["pages"], job["sheets"]) == (6, sum(sheets))
    assert (job["sheets"] < job["pages"]) == (duplex == "yes")


@pytest.mark.behaviour(PRINT + "no-status", PRINT + "add-address-sheet")
def test_a_job_has_no_status_and_takes_no_address_sheet(api: Api) -> None:
    assert "status" not in api.make()
    assert api.refused(content="x", recipients=[ADDRESSED], add_address_sheet=True) == (
        400,
        "parameter_unknown",
        "add_address_sheet",
    )


@pytest.mark.behaviour(
    *(LETTER + name for name in ("shape", "object", "address", "envelope", "postage-service", "cost")),
    *(LETTER + name for name in ("print-stream", "shipped-date", "returned", "tracking-late", "pages")),
    LETTER + "pdf-status",
)
def test_a_letter_of_a_draft_has_every_field(api: Api) -> None:
    first, second = api.make(content="x", recipients=[ADDRESSED] * 2)["letters"]
    assert first == {
        "id": first["id"],
        "object": "letter",
        "status": "draft",
        "address": {
            "name": "A Reader",
            "line": "7 Any Road\nANYTOWN",
            "postcode": "AB1 2CD",
            "country": "GB",
        },
        "pages": 1,
        "sheets": 1,
        "envelope": "c5",
        "postage_service": "uk_second_class",
        "cost": {"amount": 84_000_000, "tax": 16_800_000, "after_tax": 100_800_000, "currency": "GBP"},
        "pdf": first["pdf"],
        "pdf_status": "built",
        "print_stream": second["print_stream"],
        "tracking_number": None,
        "shipped_date": None,
        "returned": None,
    }
    assert isinstance(first["print_stream"], str)


@pytest.mark.behaviour(LETTER + "id-kept")
def test_an_update_keeps_the_ids_of_letters_as_long_as_there_are_as_many(
    api: Api, statements: Callable[[int, int], bytes]
) -> None:
    job = api.upload(
        statements(2, 2), **{"splitting[method]": "split_on_pages", "splitting[pages]": "2"}
    ).json()

    def ids(**changes: Any) -> list[str]:
        changed = api.post(f"/prints/{job['id']}", json=changes).json()
        return [letter["id"] for letter in changed["letters"]]

    before = [letter["id"] for letter in job["letters"]]
    assert ids(postage={"service": "uk_first_class"}) == before
    assert len(set(before) | set(ids(splitting={"pages": 1}))) == 6


@pytest.mark.behaviour(LETTER + "pdf-status", LETTER + "pdf")
def test_the_pdf_of_a_letter_is_gone_some_days_later_when_the_world_has_it_so(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    print_sandbox.world(pdf_kept_days=2)
    path = f"/prints/{api.make(testmode=False, confirmed=True)['id']}"
    print_sandbox.advance(3600)
    letter = api.get(path).json()["letters"][0]
    assert (letter["status"], letter["pdf_status"]) == ("sent", "built")
    assert requests.get(letter["pdf"]).content.startswith(b"%PDF")
    print_sandbox.advance(2 * 86_400 - 60)
    link = api.get(path).json()["letters"][0]["pdf"]
    print_sandbox.advance(120)
    letter = api.get(path).json()["letters"][0]
    assert (letter["pdf"], letter["pdf_status"]) == (None, "deleted")
    assert requests.get(link).status_code == 404


BACKGROUND = "intelliprint.object.background."


def background(api: Api, data: bytes, **fields: str) -> dict[str, Any]:
    files = {"file": ("head.pdf", data, "application/pdf")}
    return api.post("/backgrounds", files=files, data=fields).json()


@pytest.mark.behaviour(BACKGROUND + "new", BACKGROUND + "pdf", BACKGROUND + "deleted")
def test_a_background_looks_as_it_does_now(
    print_sandbox: PrintSandbox, api: Api, make_pdf: Callable[..., bytes]
) -> None:
    data = make_pdf("HEAD")
    made = background(api, data, name="Head", team="team_1")
    print_sandbox.advance(3601)
    assert requests.get(made["pdf"]).status_code == 403
    shown = api.get(f"/backgrounds/{made['id']}").json()
    assert requests.get(shown.pop("pdf")).content == data
    assert shown == {
        "id": made["id"],
        "object": "background",
        "account": "acc_sandbox",
        "name": "Head",
        "file": {"name": "head.pdf", "size": len(data)},
        "team": "team_1",
        "created": made["created"],
    }
    gone = api.delete(f"/backgrounds/{made['id']}").json()
    assert gone == {"id": made["id"], "object": "background", "deleted": True}


@pytest.mark.behaviour(BACKGROUND + "old")
def test_a_background_looks_as_it_did_when_the_world_is_that_old(
    print_sandbox: PrintSandbox, api: Api, make_pdf: Callable[..., bytes]
) -> None:
    print_sandbox.world(background_shape="old")
    made = background(api, make_pdf("HEAD"), name="Head", team="team_1")
    picture = requests.get(made.pop("preview"))
    assert picture.headers["Content-Type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    assert made == {
        "id": made["id"],
        "object": "background",
        "name": "Head",
        "filename": "head.pdf",
        "team": {"id": "team_1", "object": "team"},
        "created": made["created"],
    }
    assert background(api, make_pdf("HEAD"))["team"] is None
    row = api.get("/backgrounds?fields[]=filename&limit=1").json()["data"][0]
    assert row["filename"] == "head.pdf"
    assert "preview" not in row
    assert api.get("/backgrounds?fields[]=pdf").status_code == 400


MAILING_LIST = "intelliprint.object.mailing-list."
RECIPIENT = "intelliprint.object.recipient."


@pytest.mark.behaviour(
    *(MAILING_LIST + name for name in ("shape", "recipients", "variables", "longest-line", "deleted"))
)
def test_a_mailing_list_counts_its_recipients_and_names_their_variables(api: Api) -> None:
    people = [
        {"address": {"line": "7 Any Road\nA"}, "variables": {"slang": "Al", "age": 7}},
        {"address": {"line": "1 The Longest Road Of All\nB"}, "variables": {"slang": "Bo"}},
    ]
    made = api.post("/mailing_lists", json={"name": "Members", "recipients": people}).json()
    assert sorted(variable["name"] for variable in made.pop("variables")) == ["age", "slang"]
    assert made == {
        "id": made["id"],
        "object": "mailing_list",
        "account": "acc_sandbox",
        "name": "Members",
        "recipients": 2,
        "longest_address_line": "1 The Longest Road Of All",
        "address_validation": {
            "requested": False,
            "completed": False,
            "recipients": {"passed": 0, "failed": 0},
        },
        "created": made["created"],
    }
    gone = api.delete(f"/mailing_lists/{made['id']}").json()
    assert gone == {"id": made["id"], "object": "mailing_list", "deleted": True}


@pytest.mark.behaviour(*(RECIPIENT + name for name in ("shape", "validation", "deleted")))
def test_a_recipient_shows_its_list_its_address_and_its_variables(api: Api) -> None:
    members = api.post("/mailing_lists", json={"name": "Members"}).json()
    path = f"/mailing_lists/{members['id']}/recipients"
    made = api.post(path, json={**ADDRESSED, "variables": {"slang": "Al"}}).json()
    assert re.fullmatch("mal_rcp_[0-9A-Za-z]+", made["id"])
    assert made == {
        "id": made["id"],
        "object": "mailing_list_recipient",
        "mailing_list": members["id"],
        "account": "acc_sandbox",
        "address": {**ADDRESSED["address"], "country": "GB"},
        "variables": {"slang": "Al"},
        "address_validation_status": "not_requested",
        "created": made["created"],
    }
    gone = api.delete(f"{path}/{made['id']}").json()
    assert gone == {"id": made["id"], "object": "mailing_list_recipient", "deleted": True}


@pytest.mark.parametrize("name", ["download_link", "url"])
@pytest.mark.behaviour("intelliprint.merge.object", "intelliprint.merge.link")
def test_a_merge_has_an_id_and_a_link_of_the_name_that_the_world_says(
    print_sandbox: PrintSandbox, api: Api, make_pdf: Callable[..., bytes], name: str
) -> None:
    if name != "download_link":
        print_sandbox.world(merge_link=name)
    made = api.post(
        "/tools/merge", json={"files": [encoded(make_pdf("b")), encoded(make_pdf("a", "c"))]}
    ).json()
    assert set(made) == {"id", "object", name}
    assert made["object"] == "merge"
    assert [text.strip() for text in pdf.page_texts(requests.get(made[name]).content)] == ["b", "a", "c"]
