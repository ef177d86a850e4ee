from __future__ import annotations

import hashlib
import http.server
import io
import socket
import threading

import pytest
from PIL import Image

from tests.sandbox.pdf.builders import encrypted_pdf, letter_pdf
from tests.sandbox.printful.conftest import picture

NOTHING = {"hash": None, "mime_type": None, "size": 0, "width": None, "height": None, "dpi": None}
NO_PICTURES = {"thumbnail_url": None, "preview_url": None}


class Source(http.server.BaseHTTPRequestHandler):
    """A web server somewhere: pictures, redirects, and things that go wrong."""

    asked: list[str]

    def do_GET(self):
        self.asked.append(self.path)
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", "/art.png")
            self.end_headers()
        elif self.path.startswith("/missing"):
            self.send_error(404)
        elif self.path.startswith("/short"):
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            self.wfile.write(b"\x89PNG")
        else:
            data = picture()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    def log_message(self, *_):
        """Keep quiet."""


@pytest.fixture
def source():
    handler = type("Handler", (Source,), {"asked": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    server.base = f"http://127.0.0.1:{server.server_address[1]}"
    server.asked = handler.asked
    yield server
    server.shutdown()
    server.server_close()


def assert_failed(file: dict) -> None:
    assert file["status"] == "failed"
    assert file["filename"]
    assert {name: file[name] for name in (*NOTHING, *NO_PICTURES)} == NOTHING | NO_PICTURES


@pytest.mark.behaviour(
    "printful.file.measures",
    "printful.file.dpi",
    "printful.file.mime",
    "printful.source.png-jpeg-pdf",
    "printful.source.psd-tiff-ai",
)
@pytest.mark.parametrize(
    ("kind", "mime", "options", "dpi"),
    [
        ("PNG", "image/png", {"dpi": (150, 150)}, 150),
        ("PNG", "image/png", {}, None),
        ("JPEG", "image/jpeg", {"dpi": (72, 72)}, 72),
        ("JPEG", "image/jpeg", {}, None),
        ("TIFF", "image/tiff", {"dpi": (300, 300)}, 300),
    ],
)
def test_pictures_are_measured_and_their_density_is_null_when_the_file_has_none(
    library, box, kind, mime, options, dpi
):
    file = library.processed(box.add_asset("art.bin", picture(kind, **options)))
    assert (file["status"], file["mime_type"]) == ("ok", mime)
    assert (file["width"], file["height"], file["dpi"]) == (600, 400, dpi)


@pytest.mark.behaviour("printful.file.dpi-vector", "printful.source.png-jpeg-pdf")
def test_a_pdf_is_measured_as_its_first_page_at_72_dpi(library, box):
    file = library.processed(box.add_asset("art.pdf", letter_pdf(["one", "two"])))
    assert (file["status"], file["mime_type"], file["dpi"]) == ("ok", "application/pdf", 72)
    assert (file["width"], file["height"]) == (595, 842)


@pytest.mark.behaviour("printful.file.pictures", "printful.file.pictures-legacy")
def test_thumbnail_and_preview_can_be_fetched_and_are_png_also_for_a_jpeg(library, box):
    file = library.processed(box.add_asset("art.jpg", picture("JPEG", size=(3000, 1500))))
    for name, size in (("thumbnail_url", (200, 100)), ("preview_url", (800, 400))):
        code, folder = file["hash"], f"{box.printful_url}/storage/files/11001/{file['hash'][0]}"
        assert file[name] == f"{folder}/{code}_{'thumb' if name == 'thumbnail_url' else 'preview'}.png"
        answer = library.session.get(file[name], timeout=10)
        assert answer.headers["Content-Type"] == "image/png"
        with Image.open(io.BytesIO(answer.content)) as small:
            assert (small.format, small.size) == ("PNG", size)


def test_see_through_artwork_keeps_its_see_through_parts(library, box):
    file = library.processed(box.add_asset("art.png", picture(mode="RGBA", colour=(0, 0, 0, 0))))
    with Image.open(io.BytesIO(library.session.get(file["preview_url"], timeout=10).content)) as small:
        assert small.getpixel((5, 5))[3] == 0


def test_the_example_artwork_of_the_sandbox_is_ok_with_its_true_resolution(library, box):
    url = f"{box.url}/_sandbox/assets/artwork-front.png"
    file = library.processed(url)
    assert (file["status"], file["width"], file["height"], file["dpi"]) == ("ok", 1800, 2400, 300)
    data = library.session.get(url, timeout=10).content
    assert (file["hash"], file["size"]) == (hashlib.md5(data).hexdigest(), len(data))


@pytest.mark.behaviour(
    "printful.source.others",
    "printful.source.invalid",
    "printful.file.failed-shape",
    "printful.file.no-failure-reason",
    "printful.add.wrong-format",
)
@pytest.mark.parametrize(
    "data",
    [
        b"Dear Ada",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"",
        picture("GIF"),
        picture("WEBP"),
        picture()[:80],
        letter_pdf(["a"])[:200],
        encrypted_pdf("x"),
    ],
    ids=["text", "svg", "empty", "gif", "webp", "half a png", "half a pdf", "protected pdf"],
)
def test_what_cannot_be_printed_fails_without_a_word_on_why(library, box, data):
    assert_failed(library.processed(box.add_asset("art.png", data)))


@pytest.mark.behaviour("printful.file.pictures-modern")
def test_the_pictures_of_today_are_in_folders_by_three_digits_of_the_hash(library, box):
    box.world(printful_profile="modern")
    file = library.processed(box.add_asset("art.png", picture()))
    folder = f"{box.printful_url}/files.cdn/files/{file['hash'][:3]}/{file['hash']}"
    assert [file["thumbnail_url"], file["preview_url"]] == [f"{folder}_thumb.png", f"{folder}_preview.png"]
    answer = library.session.get(file["preview_url"], timeout=10)
    assert (answer.status_code, answer.content[:4]) == (200, b"\x89PNG")


def test_a_picture_with_absurd_measures_fails_and_the_sandbox_lives_on(library, box):
    assert_failed(
        library.processed(box.add_asset("bomb.png", picture(mode="1", size=(20_000, 11_000), colour=1)))
    )
    assert library.processed(box.add_asset("art.png", picture()))["status"] == "ok"


@pytest.mark.behaviour("printful.add.failed-again", "printful.add.any-status", "printful.file.transitions")
def test_a_failed_file_stays_failed_when_it_is_added_again(library, box):
    url = box.add_asset("art.png", b"no picture")
    failed = library.processed(url)
    box.add_asset("art.png", picture())
    assert library.processed(url) == failed


def test_an_allowed_host_is_fetched_once(library, source):
    file = library.processed(source.base + "/art.png?v=3")
    assert file["status"] == "ok"
    assert source.asked == ["/art.png?v=3"]


@pytest.mark.behaviour("printful.source.unreachable", "printful.source.invalid")
@pytest.mark.parametrize("path", ["/missing.png", "/short.png"])
def test_a_source_that_does_not_deliver_makes_the_file_fail(library, source, path):
    assert_failed(library.processed(source.base + path))


@pytest.mark.behaviour("printful.source.redirect")
def test_redirects_are_not_followed(library, source):
    assert_failed(library.processed(source.base + "/moved.png"))
    assert source.asked == ["/moved.png"]


@pytest.mark.behaviour("printful.source.unreachable")
def test_a_host_that_was_not_allowed_is_never_asked(library, source):
    port = source.server_address[1]
    assert_failed(library.processed(f"http://localhost:{port}/art.png"))
    assert source.asked == []


def test_the_own_control_pages_and_the_address_of_cloud_credentials_are_out_of_reach(library, box):
    assert_failed(library.processed(f"{box.url.replace('127.0.0.1', 'localhost')}/_sandbox/journal"))
    assert_failed(library.processed("http://169.254.169.254/latest/meta-data/a.png"))


@pytest.mark.behaviour("printful.source.unreachable", "printful.file.failed-name")
def test_a_refused_connection_makes_the_file_fail(library):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    assert_failed(library.processed(f"http://127.0.0.1:{port}/art.png"))


@pytest.mark.behaviour("printful.source.max-bytes")
def test_a_source_that_is_too_large_makes_the_file_fail(library, box, source):
    assert box.world()["printful_max_bytes"] == 200 * 1024 * 1024
    box.world(printful_max_bytes=100)
    assert_failed(library.processed(source.base + "/art.png"))
    assert_failed(library.processed(box.add_asset("art.png", picture())))


@pytest.mark.behaviour("printful.file.name-from-url", "printful.file.name-spaces")
@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/a/wave.png", "wave.png"),
        ("/get?file=wave.png&size=9", "wave.png"),
        ("/a%20wave%20(1).png", "a-wave-(1).png"),
        ("/a/wave.png?v=20310405", "wave.png"),
        ("/a/wave.png?v=1.25", "wave.png"),
        ("/a/wave.png?from=other.jpg", "other.jpg"),
        ("/first.png/second.png", "second.png"),
        ("/get?one=first.png&two=second.png", "second.png"),
        ("/v1.25/get?width=1.25&file=wave.png", "wave.png"),
        ("/wave.png/download?size=1.50", "wave.png"),
        ("/get?file=art%2Fwave.png", "wave.png"),
    ],
)
def test_without_a_given_name_the_url_names_the_file(library, source, path, name):
    assert library.processed(source.base + path)["filename"] == name


@pytest.mark.behaviour("printful.file.name-fallback")
@pytest.mark.parametrize("path", ["/200", "/get?version=1.25", "/get?host=example.test"])
def test_a_url_without_a_name_gives_id_and_extension_of_what_it_is(library, source, path):
    file = library.processed(source.base + path)
    assert file["filename"] == f"{file['id']}.png"


def test_a_reset_while_a_file_waits_leaves_nothing_behind(library, box):
    library.add(box.add_asset("art.png", picture()))
    box.reset(frozen=True)
    box.advance(60)
    assert library.list()["result"] == []
