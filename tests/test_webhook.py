"""The webhook of plain addresses: what is posted is what docs/webhook.md says, signed, with a name for each message."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sqlite_utils import Database
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from archive import outbox
from archive.errors import SettingsError
from archive.frames import frame
from archive.targets import Target
from notify import delivery, webhook
from notify.as_text import body
from notify.carrier import DeliveryError, Parcel
from notify.layout import trial
from notify.letter import Letter, Line
from notify.run import notify
from tests.attacks import ATTACKS
from tests.builders import POLICY, pushed, put
from tests.channels import Authority, Receiver, Reply
from tests.letters import AFTER, SITE, changed, hostile
from tests.test_delivery import BRILL
from tests.test_digest_delivery import age, recorded
from tests.test_message import FACTS

DOCS = Path(__file__).parent.parent / "docs"
SECRET = "whsec_c21hbGxwcmludCByZWFkcyBpdCBhbGw="
SCHEMA = json.loads((DOCS / "webhook.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
CHANGE = SCHEMA["$defs"]["change"]
ONE = {"name": "Quillo, Privacy Policy", "service": "Quillo", "service_name": "Quillo", "region": "", "url": POLICY.url}
LATE = ONE | {"kind": "blocked", "since": "2026-03-01T06:00:00Z", "until": "2026-03-09T06:00:00Z", "detail": "403"}
DAYS = {"since": "2026-03-01T06:00:00Z", "until": "2026-03-09T06:00:00Z"}
BULLETINS: dict[str, dict[str, Any]] = {
    "reminder": {"document": "Quillo, Privacy Policy", "day": "2026-05-01", "told_at": "2026-03-01", "days": 7},
    "silence": DAYS | {"network": False, "count": 1, "documents": [LATE]},
    "heard": DAYS | {"network": False, "count": 1, "documents": [LATE]},
    "dead": {"target": "chat", "count": 3, "error": "the server was not reached"},
    "watching": {"documents": 3, "services": 2, "month": "2026-02", "changes": 1, "silent": 0},
}
NO_ADDRESSES = ["http://", "https:///path", "http:// /", "ftp://quillo.example/x", "http:quillo.example"]
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's, of its plugins


def sent(letter: Letter, url: str, secret: str = "") -> None:
    target = Target("hook", url, secret=secret)
    delivery.check([target])
    delivery.carrier(target, pytest.fail)(target, Parcel(letter))


def failure(url: str) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        sent(changed(), url)
    assert "sesame" not in f"{caught.value!r} {caught.value.__context__!r}"
    return caught.value


def described(value: object, schema: Mapping[str, Any]) -> None:
    """The schema names every field that is sent, and all of those at the top and of a change must be there."""
    VALIDATOR.validate(value)
    assert isinstance(value, dict)
    assert set(value) <= set(schema["properties"])


def test_a_change_arrives_as_it_is_documented(receiver: Receiver) -> None:
    told = changed()
    sent(told, f"{receiver.url}/hooks/policies?key=1")
    [request] = receiver.requests
    assert (request.method, request.path) == ("POST", "/hooks/policies?key=1")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == "sp-7-1"
    assert "webhook-signature" not in request.headers
    posted = json.loads(request.body)
    described(posted, SCHEMA)
    assert set(posted["change"]) == set(CHANGE["properties"]) == set(CHANGE["required"])
    assert (posted["id"], posted["kind"], posted["severity"]) == ("sp-7-1", "change", "high")
    assert (posted["title"], posted["text"]) == (told.title, body(told))
    assert "".join(run["text"] for run in posted["change"]["quotes"][0]["runs"] if run["run"] != "removed") == AFTER


def test_the_example_is_what_is_sent() -> None:
    [example] = re.findall(r"```json\n(.*?)```", (DOCS / "webhook.md").read_text("utf-8"), re.DOTALL)
    assert json.loads(example) == webhook.payload(changed())


def test_every_field_of_a_change_is_told_to_a_machine() -> None:
    data = changed(facts=FACTS).data
    assert data["services"] == [{"key": POLICY.service, "name": "Quillo"}]
    assert data["documents"] == [
        {
            "name": "Quillo, Privacy Policy",
            "page": POLICY.url,
            "change_id": 7,
            "change_page": f"{SITE}/-/change/7",
        }
    ]
    assert data["facts"] == {
        "optout": ["Settings › Data", "https://quillo.example/object"],
        "effective": ["2026-05-01"],
        "exempt": ["EU"],
        "not_retroactive": ["true"],
        "data": ["notes"],
    }
    assert data["quotes"][0]["flags"] == [{"topic": "ai-training", "effect": "permits", "mechanisms": []}]
    assert json.loads(json.dumps(data)) == data


def test_a_change_out_of_the_archive_is_valid(db: Database, receiver: Receiver) -> None:
    first, second = pushed(db), pushed(db, BRILL)
    put(db, second, told_in=first)
    told = list(notify(db, [Target("hook", receiver.url, secret=SECRET)], pytest.fail))
    assert [item.error for item in told] == [""]
    posted = json.loads(receiver.requests[0].body)
    described(posted, SCHEMA)
    assert [place["change_id"] for place in posted["change"]["documents"]] == [first, second]
    assert [service["name"] for service in posted["change"]["services"]] == ["Quillo", "Brill & Sons"]


def test_a_digest_is_valid(db: Database, receiver: Receiver) -> None:
    recorded(db, "Words.")
    target = Target("hook", receiver.url)
    assert list(notify(db, [target], pytest.fail)) == []
    age(db, 7)
    assert [item.error for item in notify(db, [target], pytest.fail)] == [""]
    posted = json.loads(receiver.requests[0].body)
    described(posted, SCHEMA)
    [document] = posted["digest"]["documents"]
    assert document["entries"][0]["decision"] == "unflagged"


def test_bulletins_are_valid(db: Database, receiver: Receiver) -> None:
    """Those of other kinds, as they come out of the archive."""
    change = pushed(db)
    for kind, told in BULLETINS.items():
        outbox.queue_bulletin(db, kind, "a", told, ["hook"], change if kind == "reminder" else None)
    target = Target("hook", receiver.url)
    assert [item.error for item in notify(db, [target], pytest.fail)] == [""] * (len(BULLETINS) + 1)
    sent = {posted["kind"]: posted for posted in (json.loads(request.body) for request in receiver.requests)}
    assert set(sent) == {"change", *BULLETINS}
    for kind, told in BULLETINS.items():
        described(sent[kind], SCHEMA)
        assert sent[kind][kind].get("reminder", sent[kind][kind]) == told
    assert sent["reminder"]["reminder"]["quotes"] == sent["change"]["change"]["quotes"]


@pytest.mark.parametrize("kind", SCHEMA["properties"]["kind"]["enum"])
def test_every_kind_of_letter_is_valid(kind: str) -> None:
    data = changed().data if kind == "change" else {"count": 2}
    posted = webhook.payload(Letter(kind, "Title", (Line("Words."),), frame(), data=data))
    described(posted, SCHEMA)
    assert posted[kind] == data


@pytest.mark.parametrize("field", SCHEMA["required"])
def test_what_lacks_a_field_is_not_valid(field: str) -> None:
    posted = webhook.payload(changed())
    assert not VALIDATOR.is_valid({name: value for name, value in posted.items() if name != field})


@pytest.mark.parametrize("field", CHANGE["required"])
def test_a_change_that_lacks_a_field_is_not_valid(field: str) -> None:
    told = changed()
    posted = webhook.payload(replace(told, data={name: told.data[name] for name in told.data if name != field}))
    assert not VALIDATOR.is_valid(posted)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["schema"]["const"] == webhook.SCHEMA


@pytest.mark.parametrize(
    ("secret", "key"),
    [
        (SECRET, b"smallprint reads it all"),
        (SECRET.rstrip("="), b"smallprint reads it all"),
        ("any text, é too", "any text, é too".encode()),
    ],
)
def test_a_receiver_can_tell_that_it_is_ours(receiver: Receiver, secret: str, key: bytes) -> None:
    sent(changed(), receiver.url, secret)
    [request] = receiver.requests
    assert Webhook(key).verify(request.body, request.headers)["id"] == "sp-7-1"
    with pytest.raises(WebhookVerificationError):
        Webhook(key).verify(request.body.replace(b"high", b"low"), request.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(key + b"?").verify(request.body, request.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(key).verify(request.body, request.headers | {"webhook-id": "sp-7-2"})


def test_a_signature_worked_out_by_hand() -> None:
    """`printf 'sp-7-1.1774418400.{}' | openssl dgst -sha256 -hmac 'smallprint reads it all' -binary | base64`"""
    told = webhook.headers("sp-7-1", 1774418400, b"{}", webhook.key(SECRET))
    assert told == {
        "Content-Type": "application/json",
        "webhook-id": "sp-7-1",
        "webhook-timestamp": "1774418400",
        "webhook-signature": "v1,v3H/VQzd/vrwZyMY79kZPc7GqaqSQAFgt0Z75gk5G48=",
    }


def test_the_code_in_the_docs_tells_ours_from_others(receiver: Receiver) -> None:
    sent(changed(), receiver.url, SECRET)
    [request] = receiver.requests
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / "webhook.md").read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        known = {"body": request.body, "headers": request.headers, "key": webhook.key(SECRET)}
        exec(block, known)
        with pytest.raises((AssertionError, WebhookVerificationError)):
            exec(block, known | {"body": request.body + b" "})


def test_each_try_has_the_same_name_and_says_that_it_may_be_one_more(receiver: Receiver) -> None:
    receiver.script = ["reset after reading", 200]
    assert failure(receiver.url).unknown
    sent(changed().addressed("sp-7-1", repeated=True), receiver.url)
    first, second = (json.loads(request.body) for request in receiver.requests)
    assert [request.headers["webhook-id"] for request in receiver.requests] == ["sp-7-1", "sp-7-1"]
    assert [first["repeated"], second["repeated"]] == [False, True]
    assert first["change"] == second["change"]


def test_a_test_message_has_a_name_of_its_own(receiver: Receiver) -> None:
    sent(trial(Target("hook", receiver.url)), receiver.url, SECRET)
    [request] = receiver.requests
    described(Webhook(SECRET).verify(request.body, request.headers), SCHEMA)
    assert re.fullmatch(r"test-\d+", request.headers["webhook-id"])


def test_a_log_in_is_no_part_of_the_address(receiver: Receiver) -> None:
    sent(changed(), f"http://po%40st:s%3Aesame@{receiver.host}/hook#top")
    [request] = receiver.requests
    assert request.path == "/hook"
    assert request.headers["authorization"] == "Basic cG9Ac3Q6czplc2FtZQ=="


def test_it_goes_over_tls(tls_receiver: Receiver, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    error = failure(tls_receiver.url)
    assert error.down
    assert tls_receiver.requests == []
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.ca_file))
    sent(changed(), tls_receiver.url)
    assert len(tls_receiver.requests) == 1


def test_what_a_failure_means(receiver: Receiver) -> None:
    receiver.script = [410, 401, Reply(503, {"Retry-After": "90"}), 422, (302, {"Location": "/elsewhere"}), "reset"]
    gone, denied, busy, refused, elsewhere, _ = (
        failure(f"http://user:sesame@{receiver.host}/") for _ in receiver.script
    )
    assert (gone.down, denied.down, elsewhere.down) == (True, True, True)
    assert (busy.down, busy.after, str(busy)) == (False, 90, "the server answered with 503")
    assert refused.refused
    assert all(not request.path.startswith("/elsewhere") for request in receiver.requests)


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(SettingsError, match="does not understand its url"):
        delivery.check([Target("hook", url)])


@pytest.mark.parametrize("secret", ["whsec_", "whsec_===", "whsec_sesame!", "whsec_sesam", "whsec_é"])
def test_a_secret_that_is_none(secret: str) -> None:
    with pytest.raises(SettingsError, match=r"^target 'hook': secret: what follows whsec_ is no base64$") as caught:
        delivery.check([Target("hook", "https://quillo.example/hook", secret=secret)])
    assert "sesam" not in f"{caught.value!r} {caught.value.__cause__!r}"


@pytest.mark.parametrize("name", ATTACKS)
def test_hostile_text_is_text(receiver: Receiver, name: str) -> None:
    """The body is ASCII, so that nothing in it steers who reads it raw; its strings are the page's words, unchanged."""
    told = hostile(ATTACKS[name])
    sent(told, receiver.url, SECRET)
    [request] = receiver.requests
    posted = json.loads(request.body)
    assert request.body.isascii()
    assert not any(byte < 32 or byte == 127 for byte in request.body)
    assert (posted["title"], posted["text"], posted["change"]["line"]) == (told.title, body(told), ATTACKS[name])
    assert Webhook(SECRET).verify(request.body, request.headers) == posted
