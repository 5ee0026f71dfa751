"""What a link leads to is kept; what marks the visit is not."""

from __future__ import annotations

import base64
import random
import uuid
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.declaration import Source
from crawler.extraction import extract
from crawler.html_links import LONGEST, link_target

BASE = "https://harbour.example/legal/privacy"
HOST = "https://harbour.example"
NOBODY = "00000000-0000-0000-0000-000000000000"
ONE, OTHER = "3f1c9a52-7d0e-4b8a-9c35-0a6f2be1d774", "b80d6e13-52f4-49c7-8e0b-f7a91c3d2e65"


def target(href: str) -> str:
    """The address that is kept of a link in the page."""
    return link_target(BASE)(href)


@pytest.mark.parametrize(
    ("href", "kept"),
    [
        # Sessions, proofs and clicks, by their names.
        ("/a?PHPSESSID=k2&id=42", "/a?id=42"),
        ("/a?session_id=77&hl=en", "/a?hl=en"),
        ("/a?csrf_token=x&nonce=y&lang=de", "/a?lang=de"),
        ("/a?utm_campaign=may&msclkid=1&irclickid=2&page=3", "/a?page=3"),
        ("/a?__cf_chl_tk=abc&topic=opt-out", "/a?topic=opt-out"),
        # By their values, whatever they are called.
        (f"/a?harbour-did={ONE}", "/a"),
        (f"/a?state={ONE.upper()}&hl=en", "/a?hl=en"),
        (f"/a?x=v1.{ONE}.eu", "/a"),
        ("/a?h=9f86d081884c7d659a2feaa0c55ad015&c=1", "/a?c=1"),
        ("/a?h=AUqT3xY-82Lm_p0KzR7vBwQ1sEd5fGh9JkNn4C6a", "/a"),
        ("/a?tok=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI4MyJ9.Qk3vXn1Zr8Ty5Lw2", "/a"),
        ("/a?when=1781562609&what=terms", "/a?what=terms"),
        ("/a?when=1781562609123", "/a"),
        ("/a?seen=2026-06-15T22:30:09Z", "/a"),
        ("/a?_=48213&cb=0.7731&p=2", "/a?p=2"),
        # Signed access, and all that belongs to it.
        ("/t.pdf?X-Amz-Date=20260615T223009Z&X-Amz-Expires=300&X-Amz-Signature=9f86d081884c&v=2", "/t.pdf?v=2"),
        ("/t.pdf?sv=2024-11-04&se=2026-06-16&sp=r&sig=Zm9vYmFyMTIzNDU2%3D&file=terms", "/t.pdf?file=terms"),
        ("/t.pdf?expires=1781562609&signature=Zm9vYmFy12", "/t.pdf"),
        # Where the visit came from, and addresses within addresses.
        ("/a?referrer=https%3A%2F%2Fharbour.example%2Fx", "/a"),
        ("/login?next=%2Fopt-out%3Fid%3D7%26nonce%3Dab", "/login?next=%2Fopt-out%3Fid%3D7"),
        (f"/out?to=https%3A%2F%2Fbay.example%2Fform%3Fs%3D{ONE}", "/out?to=https%3A%2F%2Fbay.example%2Fform"),
        (
            "/out?to=https%3A%2F%2Fbay.example%2Fform&k9=Zx81Qm20Lp93Vt74Wn65",
            "/out?to=https%3A%2F%2Fbay.example%2Fform",
        ),
        # In the path, where it is sure.
        ("/a;jsessionid=5E3C?id=4", "/a?id=4"),
        ("/(S(lit3py55t21z5v55vlm25s55))/opt-out.aspx", "/opt-out.aspx"),
        ("/exp=1781562609~acl=/*~hmac=9f86d0/terms.pdf", "/exp=1781562609~acl=/*~hmac=9f86d0/terms.pdf"),
        ("/exp=1781562609~hmac=9f86d0/terms.pdf", "/terms.pdf"),
        (f"/redirect/site.v1.{ONE}/settings#opt-out", f"/redirect/site.v1.{NOBODY}/settings#opt-out"),
        # Fragments.
        ("/a#:~:text=we%20train", "/a"),
        ("/a#rights:~:text=we%20train,models", "/a#rights"),
        ("/a#utm_source=mail", "/a"),
        ("/a#/help?utm_source=mail&topic=2", "/a#/help?topic=2"),
        (f"/a#{ONE}", "/a"),
        ("/a#radix-:r1f:", "/a"),
    ],
)
def test_what_marks_the_visit_goes(href: str, kept: str) -> None:
    assert target(href) == HOST + kept


@pytest.mark.parametrize(
    "href",
    [
        "/a?id=42",
        "/a?hl=en&lang=de&topic=opt-out&region=EU",
        f"/form?id={ONE}",
        f"/form?formId={ONE}&tenant_id={OTHER}",
        "/form?id=v4j5cvGGr0GRqy180BHbR3bQzV7nT1xKp9mLw2Yd",
        "/requests/new?ticket_form_id=1500000441062",
        "/hc/articles/1500000441062?article_id=1781562609",
        f"/webform/{ONE}/{OTHER}",
        f"/redirect/{ONE}",
        "/hub/66b0c9d8e7f6a5b4c3d2e1f0/terms-2026.pdf",
        "/a?q=how-do-i-opt-out-of-training-in-2026",
        "/a?version=2026-06-15&doc=terms_of_service_v12_en",
        "/a?name=PrivacyPolicyForCustomersInEurope2026",
        "/a?consent=no&step=3&offset=120&t=90",
        "/a?se=north&exp=2&policy=cookies",
        "/a?next=/settings/privacy",
        "/a?survey=SV_3fK2jd8sK2mX9&key=dcObLjNDOpyYmk7rmaLHry0g",
        "/a?phone=18005550100&year=2026",
        "/a#section-4.2",
        "/a#ts=1115698",
        "/a#/settings/data-privacy-controls",
        "/a?a=1&b=%20c&&d",
        "/a?to=http%3A%2F%2F[broken",
        "/a?from=%2F",
    ],
)
def test_what_a_link_leads_to_stays_as_written(href: str) -> None:
    assert target(href) == HOST + href


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/opt-out?id=41", "/opt-out?id=42"),
        (f"/webform/{ONE}", f"/webform/{OTHER}"),
        (f"/form?id={ONE}", f"/form?id={OTHER}"),
        (f"/redirect/site.v1.{ONE}/settings", f"/redirect/site.v1.{OTHER}/account"),
        (f"/settings?did={ONE}", f"/account?did={OTHER}"),
        ("/out?to=https%3A%2F%2Fbay.example%2Fform&s=1", "/out?to=https%3A%2F%2Fcove.example%2Fform&s=1"),
        ("/help#opt-out", "/help#delete"),
        ("mailto:privacy@harbour.example", "mailto:dpo@harbour.example"),
    ],
)
def test_a_link_that_moves_is_seen(before: str, after: str) -> None:
    def page(href: str) -> bytes:
        return f'<main><p>You may <a href="{href}">opt out</a> of training at any time.</p></main>'.encode()

    [old], [new] = (extract(page(href), "text/html", Source(BASE), BASE) for href in (before, after))
    assert old.text == new.text
    assert old.links != new.links


@pytest.mark.parametrize("href", ["mailto:d%70o@harbour.example", "mailto:%64%70%6F%40%68arbour.example"])
def test_an_address_written_in_numbers_is_one(href: str) -> None:
    assert target(href) == "mailto:dpo@harbour.example"


@pytest.mark.parametrize("href", ["/cdn-cgi/l/email-protection", "/cdn-cgi/l/email-protection#7713"])
def test_an_address_that_stays_hidden_is_no_link(href: str) -> None:
    assert target(href) == ""


def test_an_address_hidden_with_another_key_at_each_fetch_is_one() -> None:
    def hidden(key: int) -> str:
        code = bytes([key, *(byte ^ key for byte in b"dpo@harbour.example")])
        return f"/cdn-cgi/l/email-protection#{code.hex()}"

    assert {target(hidden(key)) for key in range(256)} == {"mailto:dpo@harbour.example"}


@pytest.mark.parametrize("seed", range(100))
def test_values_drawn_by_a_machine_never_stay(seed: int) -> None:
    drawn = random.Random(seed).randbytes(32)
    values = [
        drawn.hex(),
        str(uuid.UUID(bytes=drawn[:16], version=4)),
        base64.urlsafe_b64encode(drawn).decode(),
        quote(base64.b64encode(drawn).decode()),
        str(1_500_000_000 + drawn[0] * 1_000_000),
    ]
    assert {target(f"/a?mark={value}&id=42") for value in values} == {f"{HOST}/a?id=42"}


@given(st.text(max_size=60))
def test_a_target_is_an_address_and_stays_as_it_is(href: str) -> None:
    once = target(href)
    assert once == target(once)
    assert once == "" or once.startswith(("http://", "https://", "mailto:"))


def test_addresses_within_addresses_come_to_an_end() -> None:
    href = "/a?to=" + "http://a.example?to=" * 80
    assert target(href[:LONGEST]).startswith(f"{HOST}/a?to=http://a.example?to=")


@pytest.mark.parametrize("start", ["", HOST])
def test_a_plain_address_has_a_longest_length_too(start: str) -> None:
    assert target(f"{start}{'/terms' * 100}") == f"{HOST}{'/terms' * 100}"
    assert target(f"{start}{'/terms' * LONGEST}") == ""
