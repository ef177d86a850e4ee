from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from airflow_provider_print.sandbox import PrintSandbox
from airflow_provider_print.sandbox.page.live import revisions
from airflow_provider_print.sandbox.page.static import FOLDER
from tests.sandbox.calls import ADDRESSED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.sandbox.calls import Api

FILES = sorted(path.name for path in FOLDER.iterdir())
SCRIPTS = [name for name in FILES if name.endswith(".js")]


@pytest.fixture
def page(print_sandbox: PrintSandbox) -> Callable[..., Any]:
    """What the page is told at one of its addresses."""

    def ask(path: str, **query: Any) -> Any:
        answer = requests.get(f"{print_sandbox.url}/_sandbox/page/{path}", params=query, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask


def to(name: str, postcode: str = "AB1 2CD") -> dict[str, Any]:
    return {"address": {"name": name, "line": "7 Any Road\nANYTOWN", "postcode": postcode}}


@pytest.mark.behaviour("sandbox.page.files", "sandbox.page.policy")
@pytest.mark.parametrize("path", ["/", *(f"/static/{name}" for name in FILES)])
def test_every_file_of_the_page_is_served_with_a_strict_policy(
    print_sandbox: PrintSandbox, path: str
) -> None:
    answer = requests.get(print_sandbox.url + path)
    assert answer.status_code == 200
    assert answer.content == (FOLDER / (path.rpartition("/")[2] or "index.html")).read_bytes()
    kinds = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
    kind = (path if path != "/" else "/index.html").rpartition(".")[2]
    assert answer.headers["Content-Type"].startswith(kinds[kind])
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    again = requests.get(print_sandbox.url + path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/static/", "/static/none.js", "/static/../core.py", "/static/..%2fcore.py"]
)
def test_nothing_else_of_the_package_is_served(print_sandbox: PrintSandbox, path: str) -> None:
    prepared = requests.Request("GET", print_sandbox.url).prepare()
    prepared.url = print_sandbox.url + path
    with requests.Session() as session:
        assert session.send(prepared).status_code == 404


@pytest.mark.behaviour("sandbox.page.files")
def test_the_page_names_only_files_of_its_own() -> None:
    for name in FILES:
        text = (FOLDER / name).read_text()
        assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)", text), name
        for found in re.findall(r"/static/([\w.-]+)", text):
            assert (FOLDER / found).is_file(), f"{name} names {found}"


@pytest.mark.behaviour("sandbox.page.policy")
def test_no_script_makes_markup_of_text_and_none_stands_in_the_page() -> None:
    index = (FOLDER / "index.html").read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", index)
    for name in SCRIPTS:
        text = (FOLDER / name).read_text()
        unsafe = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc"
        assert not re.search(unsafe, text), name


@pytest.mark.behaviour("sandbox.page.jobs")
def test_jobs_come_newest_first_and_in_pieces(page: Callable[..., Any], api: Api) -> None:
    made = [api.make(reference=f"run {number}")["id"] for number in range(5)]
    first, rest = page("jobs", limit=2), page("jobs", skip=2, limit=100)
    assert [job["id"] for job in first["jobs"] + rest["jobs"]] == made[::-1]
    assert (first["total"], first["all_jobs"], first["letters"]) == (5, 5, 5)
    assert first["statuses"] == {"draft": 5}
    (job,) = page("jobs", skip=4)["jobs"]
    assert (job["reference"], job["letters"], job["to"], job["postcode"]) == (
        "run 0",
        1,
        "A Reader",
        "AB1 2CD",
    )
    assert job["cost"]["after_tax"] == api.get(f"/prints/{made[0]}").json()["cost"]["after_tax"]


@pytest.mark.behaviour("sandbox.page.jobs")
def test_the_letters_of_a_job_are_counted_as_they_move(
    page: Callable[..., Any], print_sandbox: PrintSandbox, api: Api
) -> None:
    job = api.make(testmode=False, confirmed=True, recipients=[to("A"), to("B"), to("C")])
    assert page("jobs")["statuses"] == {"waiting_to_print": 3}
    print_sandbox.advance(7200)
    assert page("jobs")["statuses"] == {"sent": 3}
    letter = job["letters"][1]["id"]
    requests.post(f"{print_sandbox.url}/_sandbox/letters/{letter}", json={"status": "returned"})
    assert page("jobs")["jobs"][0]["statuses"] == {"sent": 2, "returned": 1}
    print_sandbox.reset(frozen=True)
    assert page("jobs") | {"now": 0} == {
        "now": 0, "total": 0, "skip": 0, "jobs": [], "statuses": {}, "letters": 0, "all_jobs": 0
    }  # fmt: skip


@pytest.mark.behaviour("sandbox.page.search")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("march", ["march run"]),
        ("RUN", ["april run", "march run"]),
        ("larkspur", ["march run"]),
        ("run larkspur", ["march run"]),
        ("april larkspur", []),
        ("larkspur hollow", []),
        ("ZZ9 9ZZ", ["april run"]),
        ("any road", ["april run", "march run"]),
        ("payroll", ["april run"]),
        ("%", []),
        ("", ["april run", "march run"]),
    ],
)
def test_a_job_is_found_by_each_word(
    page: Callable[..., Any], api: Api, words: str, found: list[str]
) -> None:
    api.make(reference="march run", recipients=[to("Bryn Larkspur"), to("Ann Hollow")])
    api.make(reference="april run", recipients=[to("Ann Hollow", "ZZ9 9ZZ")], metadata={"team": "payroll"})
    answer = page("jobs", q=words)
    assert [job["reference"] for job in answer["jobs"]] == found
    assert (answer["total"], answer["all_jobs"]) == (len(found), 2)


@pytest.mark.behaviour("sandbox.page.filters")
def test_jobs_are_filtered_by_status_and_by_live_or_test(page: Callable[..., Any], api: Api) -> None:
    test, draft = api.make(confirmed=True)["id"], api.make(testmode=False)["id"]
    live = api.make(testmode=False, confirmed=True)["id"]

    def ids(**query: str) -> list[str]:
        return [job["id"] for job in page("jobs", **query)["jobs"]]

    assert ids(mode="live") == [live, draft]
    assert ids(mode="test") == [test]
    assert ids(status="draft") == [draft]
    assert ids(status="waiting_to_print") == [live, test]
    assert ids(status="waiting_to_print", mode="test") == [test]
    assert ids(status="sent") == []


@pytest.mark.behaviour("sandbox.page.letters")
def test_the_letters_of_a_job_come_in_pieces_and_by_their_words(
    page: Callable[..., Any], print_sandbox: PrintSandbox, api: Api
) -> None:
    people = [to(f"Reader {number:03d}") for number in range(130)]
    job = api.make(reference="large", testmode=False, confirmed=True, recipients=people)
    piece = page(f"jobs/{job['id']}/letters", skip=120, limit=60)
    assert piece["total"] == 130
    assert [letter["address"]["name"] for letter in piece["letters"]] == [
        f"Reader {n:03d}" for n in range(120, 130)
    ]
    assert piece["letters"][0] | {"since": 0} == {
        **{
            name: job["letters"][120][name]
            for name in ("id", "status", "pages", "sheets", "envelope", "cost")
        },
        "number": 121,
        "since": 0,
        "address": job["letters"][120]["address"],
        "tracking_number": None,
        "shipped_date": None,
        "returned": None,
        "window": "left",
        "version": piece["letters"][0]["version"],
    }
    (found,) = page(f"jobs/{job['id']}/letters", q="large reader 077")["letters"]
    assert found["id"] == job["letters"][77]["id"]
    requests.post(f"{print_sandbox.url}/_sandbox/letters/{found['id']}", json={"status": "returned"})
    returned = page(f"jobs/{job['id']}/letters", status="returned")
    assert [letter["number"] for letter in returned["letters"]] == [78]
    assert returned["letters"][0]["returned"]["reason"]


@pytest.mark.behaviour("sandbox.page.letters")
def test_a_job_is_shown_with_all_its_fields_but_its_letters(page: Callable[..., Any], api: Api) -> None:
    job = api.make(reference="one", metadata={"team": "payroll"})
    shown = page(f"jobs/{job['id']}")
    assert (shown["id"], shown["letters"], shown["statuses"]) == (job["id"], 1, {"draft": 1})
    assert shown["fields"] == {name: value for name, value in job.items() if name != "letters"}


@pytest.mark.behaviour("sandbox.page.pictures")
def test_the_version_of_a_letter_changes_with_its_pages_and_with_nothing_else(
    page: Callable[..., Any], print_sandbox: PrintSandbox, api: Api, make_pdf: Callable[..., bytes]
) -> None:
    lines = ["Dear A", "A Person", "1 High Street", "TOWN", "AB1 2CD"]
    job = api.upload(make_pdf(lines), testmode="false").json()

    def version() -> str:
        return str(page(f"jobs/{job['id']}/letters")["letters"][0]["version"])

    first = version()
    api.post(f"/prints/{job['id']}", json={"reference": "other"})
    assert version() == first
    api.post(f"/prints/{job['id']}", json={"nudge": {"x": 2}})
    assert version() != first
    nudged = version()
    api.post(f"/prints/{job['id']}", json={"confirmed": True})
    print_sandbox.advance(7200)
    assert version() == nudged
    link = f"{print_sandbox.url}/_sandbox/outbox/letters/{job['letters'][0]['id']}/pages/1.png"
    assert "immutable" in requests.get(f"{link}?v={nudged}").headers["Cache-Control"]
    assert "Cache-Control" not in requests.get(link).headers


@pytest.mark.behaviour("sandbox.page.library")
def test_the_library_is_listed_with_pictures_that_nobody_counts(
    page: Callable[..., Any], print_sandbox: PrintSandbox
) -> None:
    assets = requests.get(print_sandbox.url + "/_sandbox/assets").json()["assets"]
    key = {"Authorization": "Bearer printful_sandbox"}
    for url in (assets[0]["url"], assets[1]["url"], print_sandbox.add_asset("broken.png", b"no picture")):
        requests.post(
            print_sandbox.printful_url + "/files", json={"url": url}, headers=key
        ).raise_for_status()
    assert page("files")["statuses"] == {"waiting": 3}
    print_sandbox.advance(60)
    counted = len(print_sandbox.journal())
    listed = page("files")
    assert listed["statuses"] == {"failed": 1, "ok": 2}
    broken, label, front = listed["files"]
    assert (broken["filename"], broken["status"], broken["picture"]) == ("broken.png", "failed", False)
    assert (front["filename"], front["dpi"], front["width"]) == (assets[0]["name"], 300, 1800)
    for size in ("thumb", "preview"):
        link = f"{print_sandbox.url}/_sandbox/page/files/{front['id']}/{size}.png"
        assert requests.get(link).headers["Content-Type"] == "image/png"
        assert requests.get(link.replace(str(front["id"]), str(broken["id"]))).status_code == 404
    assert requests.get(f"{print_sandbox.url}/_sandbox/page/files/{front['id']}/url.png").status_code == 404
    assert len(print_sandbox.journal()) == counted
    assert [file["id"] for file in page("files", q="LABEL png")["files"]] == [label["id"]]
    assert page("files", status="failed")["total"] == 1
    assert [file["id"] for file in page("files", skip=1, limit=1)["files"]] == [label["id"]]


@pytest.mark.behaviour("sandbox.page.library")
def test_deleted_files_are_listed_and_can_be_filtered_by(
    page: Callable[..., Any], print_sandbox: PrintSandbox
) -> None:
    key = {"Authorization": "Bearer printful_sandbox"}
    for name in ("kept.png", "deleted.png"):
        body = {"url": print_sandbox.add_asset(name, b"x")}
        added = requests.post(print_sandbox.printful_url + "/files", json=body, headers=key).json()["result"]
    requests.delete(f"{print_sandbox.url}/_sandbox/printful/files/{added['id']}").raise_for_status()
    assert page("files")["statuses"] == {"deleted": 1, "waiting": 1}
    assert [file["id"] for file in page("files", status="deleted")["files"]] == [added["id"]]


@pytest.mark.behaviour("sandbox.page.webhooks")
def test_an_open_page_is_told_of_webhooks_and_what_became_of_them(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    def told() -> str:
        return revisions(print_sandbox.sandbox, print_sandbox.webhooks)["webhooks"]

    seen = {told()}
    endpoint = print_sandbox.add_webhook("http://127.0.0.1:9/closed")
    seen.add(told())
    api.make(confirmed=True, testmode=False)
    print_sandbox.settle()
    seen.add(told())
    url = print_sandbox.url + "/_sandbox/webhooks"
    (message,) = requests.get(url, params={"state": "waiting"}).json()["messages"]
    assert message["attempts"][0]["error"] == "no answer: ConnectionRefusedError"
    requests.post(f"{url}/messages/{message['id']}").raise_for_status()
    print_sandbox.settle()
    seen.add(told())
    print_sandbox.webhooks.remove(endpoint["id"])
    assert len(seen | {told()}) == 5


@pytest.mark.behaviour("sandbox.page.journal")
def test_the_journal_is_listed_newest_first_and_searched(
    page: Callable[..., Any], print_sandbox: PrintSandbox, api: Api
) -> None:
    api.make(reference="first")
    print_sandbox.fault("POST", phase="after", kind="close")
    with pytest.raises(requests.ConnectionError):
        api.make(reference="second")
    api.get("/prints/none")
    api.get("/prints")
    listed = page("journal")
    assert [call["method"] for call in listed["requests"]] == ["GET", "GET", "POST", "POST"]
    assert [call["reference"] for call in listed["requests"]] == [None, None, "second", "first"]
    assert [call["id"] for call in page("journal", trouble=1)["requests"]] == [3, 2]
    assert [call["id"] for call in page("journal", q="404")["requests"]] == [3]
    assert [call["id"] for call in page("journal", q="post SECOND")["requests"]] == [2]
    assert [call["id"] for call in page("journal", skip=1, limit=2)["requests"]] == [3, 2]


@pytest.mark.behaviour("sandbox.page.world")
def test_every_rule_of_the_world_is_explained(page: Callable[..., Any], print_sandbox: PrintSandbox) -> None:
    print_sandbox.world(reconfirm=200)
    rules = {rule["name"]: rule for rule in page("world")["rules"]}
    assert rules.keys() == print_sandbox.world().keys()
    assert all(rule["means"] for rule in rules.values())
    assert {name: rule["value"] for name, rule in rules.items()} == print_sandbox.world()
    reconfirm = rules["reconfirm"]
    assert (reconfirm["default"], reconfirm["value"], reconfirm["choices"]) == (400, 200, [400, 200])


def test_the_head_of_the_page_counts_everything(
    page: Callable[..., Any], print_sandbox: PrintSandbox, api: Api
) -> None:
    api.make(recipients=[to("A"), to("B")])
    print_sandbox.fault("GET", times=None)
    assert api.get("/prints").status_code == 500
    status = page("status")
    assert status["clock"] == {"now": print_sandbox.now(), "speed": 60, "frozen": True}
    assert (status["jobs"], status["letters"], status["files"], status["requests"]) == (1, 2, 0, 2)
    assert status["faults"] == {"rules": 1, "fired": 1}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("jobs?limit=0", 400),
        ("jobs?limit=501", 400),
        ("jobs?limit=x", 400),
        ("jobs?skip=-1", 400),
        ("jobs?skip=\u0663", 400),
        ("jobs?status=lost", 400),
        ("jobs?mode=both", 400),
        ("jobs?page=2", 400),
        ("files?status=sent", 400),
        ("jobs/none", 404),
        ("jobs/none/letters", 404),
        ("files/1/thumb.png", 404),
        ("files/x/thumb.png", 404),
        ("nothing", 404),
    ],
)
def test_what_the_page_cannot_mean_is_refused(print_sandbox: PrintSandbox, path: str, status: int) -> None:
    answer = requests.get(f"{print_sandbox.url}/_sandbox/page/{path}")
    assert answer.status_code == status
    assert answer.json()["error"]


def test_a_job_that_time_has_deleted_is_not_shown(
    page: Callable[..., Any], print_sandbox: PrintSandbox, api: Api
) -> None:
    job = api.make(confirmed=True)
    print_sandbox.advance(8 * 86_400)
    assert page("jobs")["total"] == 0
    assert requests.get(f"{print_sandbox.url}/_sandbox/page/jobs/{job['id']}").status_code == 404


class News:
    """An open page: what it is told, one event at a time."""

    def __init__(self, box: PrintSandbox) -> None:
        self.answer = requests.get(f"{box.url}/_sandbox/page/events", stream=True, timeout=20)
        self._lines: Iterator[bytes] = self.answer.iter_lines(chunk_size=1)

    def next(self) -> dict[str, str]:
        for line in self._lines:
            if line.startswith(b"data: "):
                return dict(json.loads(line[6:]))
        raise EOFError

    def drain(self) -> None:
        while self.next():
            pass


@pytest.mark.behaviour("sandbox.page.live")
def test_an_open_page_is_told_what_has_changed(print_sandbox: PrintSandbox, api: Api) -> None:
    news = News(print_sandbox)
    assert news.answer.headers["Content-Type"] == "text/event-stream"
    before = news.next()

    def changed() -> set[str]:
        nonlocal before
        found = news.next()
        names = {name for name in found if found[name] != before[name]}
        before = found
        return names

    print_sandbox.advance(60)
    assert changed() == {"clock"}
    print_sandbox.world(reconfirm=200)
    assert changed() == {"world"}
    print_sandbox.fault("GET", times=None)
    assert changed() == {"faults"}
    assert api.get("/prints").status_code == 500
    assert changed() >= {"faults", "journal"}
    print_sandbox.clear_faults()
    assert changed() == {"faults"}
    api.make()
    seen = changed()
    while "store" not in seen:
        seen |= changed()
    assert seen == {"journal", "store"}
    news.answer.close()


@pytest.mark.behaviour("sandbox.page.live")
def test_a_reset_ends_the_stream_and_what_follows_is_news(print_sandbox: PrintSandbox) -> None:
    news = News(print_sandbox)
    before = news.next()
    print_sandbox.reset(frozen=True)
    with pytest.raises(EOFError):
        news.drain()
    assert News(print_sandbox).next()["store"] != before["store"]


@pytest.mark.behaviour("sandbox.page.live")
def test_open_pages_hold_no_threads_and_do_not_delay_the_end() -> None:
    with PrintSandbox(rate_limit=0) as box:
        open_pages = [News(box) for _ in range(40)]
        assert all(page.next() for page in open_pages)
        assert requests.get(box.url + "/_sandbox/page/jobs", timeout=5).json()["total"] == 0
        key = {"Authorization": "Bearer key_sandbox"}
        made = requests.post(
            box.intelliprint_url + "/prints",
            json={"content": "Hello", "recipients": [ADDRESSED], "testmode": True},
            headers=key,
            timeout=20,
        )
        assert made.status_code == 200
        began = time.monotonic()
    assert time.monotonic() - began < 3
    with pytest.raises((EOFError, requests.exceptions.ChunkedEncodingError)):
        open_pages[0].drain()


@pytest.mark.behaviour("sandbox.page.policy")
@pytest.mark.parametrize(
    ("name", "alone"), [("page.html", True), ("a.svg", True), ("b", True), ("c.png", False)]
)
def test_an_asset_cannot_act_as_a_part_of_the_page(
    print_sandbox: PrintSandbox, name: str, alone: bool
) -> None:
    answer = requests.get(print_sandbox.add_asset(name, b"<script>alert(1)</script>"))
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert ("sandbox" in answer.headers.get("Content-Security-Policy", "")) is alone


def test_the_files_of_the_page_lie_in_the_package() -> None:
    assert {"index.html", "main.js", "base.css", "icon.svg"} <= set(FILES)
    assert Path(FOLDER).parent.name == "sandbox"
