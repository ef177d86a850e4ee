"""Signatures of webhooks, held against the library of those who make them."""

from __future__ import annotations

import base64
import random
from datetime import UTC, datetime

import pytest
from svix.webhooks import Webhook, WebhookVerificationError

from airflow_provider_print.core.signature import Claim, SignatureError, key_of

NOW = 1_790_000_000
SECRETS = ["whsec_" + base64.b64encode(bytes([number]) * 24).decode() for number in range(3)]
KEYS = [key_of(secret) for secret in SECRETS]
BODY = '{"type":"letter.updated","reference":"Grüße"}'.encode()


def headers(
    secret: str = SECRETS[0], *, family: str = "svix", at: int = NOW, body: bytes = BODY
) -> dict[str, str]:
    signature = Webhook(secret).sign("msg_1", datetime.fromtimestamp(at, UTC), body.decode())
    return {f"{family}-id": "msg_1", f"{family}-timestamp": str(at), f"{family}-signature": signature}


def refused(given: dict[str, str], *, body: bytes = BODY, keys: list[bytes] = KEYS[:1]) -> str:
    with pytest.raises(SignatureError) as error:
        Claim.read(given, now=NOW).check(keys, body)
    return str(error.value)


@pytest.mark.parametrize("family", ["svix", "webhook"])
@pytest.mark.parametrize("off", [-300, 0, 300])
def test_what_the_senders_library_signs_is_believed(family: str, off: int) -> None:
    claim = Claim.read(headers(family=family, at=NOW + off), now=NOW)
    claim.check(KEYS[:1], BODY)
    assert claim.id == "msg_1"


def test_any_of_several_secrets_and_any_of_several_signatures_will_do() -> None:
    given = headers(SECRETS[1])
    given["svix-signature"] = f"v1a,other {headers(SECRETS[2])['svix-signature']} {given['svix-signature']}"
    Claim.read(given, now=NOW).check([KEYS[0], KEYS[1]], BODY)
    assert refused(given, keys=[KEYS[0]]) == "no signature fits"
    assert refused(headers(), keys=[]) == "no signature fits"


@pytest.mark.parametrize(
    "change",
    [
        {"svix-id": "msg_2"},
        {"svix-id": "msg 1"},
        {"svix-id": "x" * 129},
        {"svix-timestamp": str(NOW + 1)},
        {"svix-timestamp": f"{NOW}.0"},
        {"svix-timestamp": f"+{NOW}"},
        {"svix-timestamp": str(NOW - 301)},
        {"svix-timestamp": str(NOW + 301)},
        {"svix-timestamp": "٣" * 10},
        {"svix-signature": ""},
        {"svix-signature": "v1,"},
        {"svix-signature": "v1,é"},
        {"svix-signature": "v2,abc"},
        {"svix-signature": "v1,a " * 8 + headers()["svix-signature"]},
    ],
)
def test_a_header_that_was_changed_is_refused(change: dict[str, str]) -> None:
    assert refused(headers() | change)


@pytest.mark.parametrize("missing", ["svix-id", "svix-timestamp", "svix-signature"])
def test_all_three_headers_of_one_family_are_needed(missing: str) -> None:
    given = headers()
    mixed = {**given, missing.replace("svix", "webhook"): given[missing]}
    del given[missing], mixed[missing]
    assert refused(given) == refused(mixed) == "the three headers of a signature are missing"


def test_it_agrees_with_the_senders_library_on_whatever_is_tampered_with() -> None:
    rng = random.Random(7)
    now = int(datetime.now(UTC).timestamp())
    verdicts = []
    for _ in range(400):
        body = BODY if rng.random() < 0.7 else bytes(BODY[:-1]) + bytes([rng.randrange(32, 127)])
        given = headers(rng.choice(SECRETS[:2]), at=now + rng.choice([0, 0, 0, -400, 400]))
        if rng.random() < 0.2:
            name = rng.choice(list(given))
            given[name] = given[name][:-1] + rng.choice("0aZ=")
        verdicts.append((_ours(given, body, now), _theirs(given, body)))
    assert all(ours == theirs for ours, theirs in verdicts)
    assert 40 < sum(ours for ours, _ in verdicts) < 360


def _ours(given: dict[str, str], body: bytes, now: int) -> bool:
    try:
        Claim.read(given, now=now).check(KEYS[:1], body)
    except SignatureError:
        return False
    return True


def _theirs(given: dict[str, str], body: bytes) -> bool:
    try:
        Webhook(SECRETS[0]).verify(body, given)
    except (WebhookVerificationError, ValueError):
        return False
    return True


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_!!", "abc", SECRETS[0].removeprefix("whsec_"), "whsec_YWJj"]
)
def test_a_secret_that_is_none_is_refused_and_not_shown(secret: str) -> None:
    with pytest.raises(ValueError) as error:
        key_of(secret)
    assert str(error.value) == "A secret is whsec_ and the base64 of 16 to 64 bytes."
