"""Publishes a letter in topics of ntfy, as plain text.

ntfy makes a file of what has too many bytes for a message, and reads no more than twice as many of what is posted: a
longer letter is shortened. Later versions show a message that is repeated in the place of the first.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from archive.targets import Target
from notify import addresses, as_text, web
from notify.as_html import is_web
from notify.carrier import DeliveryError, Parcel
from notify.clean import clean, line
from notify.fitting import fitted
from notify.letter import Block, Letter

MOST = 4095  # bytes of a message: the next one makes it a file
MOST_POSTED = 2 * MOST
LONGEST_TITLE = 200  # characters
PRIORITIES = {"high": 4, "medium": 3, "low": 2}  # by severity
OTHERS = {"digest": 2}  # by kind of letter
USUAL = 3
CLOUD = "https://ntfy.sh"


def send(target: Target, parcel: Parcel) -> None:
    """Raises DeliveryError. A topic that is known by a receipt has the message already."""
    place = addresses.parsed(target.url)
    if place is None or not place.topics:
        raise DeliveryError("the address of the target names no topic", down=True)
    faults, topics = list[DeliveryError](), dict.fromkeys(place.topics)
    for topic in topics:
        known = parcel.receipt(topic) in parcel.receipts
        if not known and (fault := _published(place, topic, parcel)):
            faults.append(fault)
    if faults:
        told = next((one for one in faults if not one.refused), faults[0])
        told.down = told.down and len(faults) == len(topics)
        raise told


def message(letter: Letter, topic: str) -> bytes:
    """What is posted: JSON."""
    shown = letter if is_web(letter.url) else replace(letter, url="")
    return _posted(shown, topic, fitted(shown, (), lambda blocks: _fits(shown, topic, blocks)))


def _published(place: Any, topic: str, parcel: Parcel) -> DeliveryError | None:
    """What was answered to a topic that does not have it; raises DeliveryError where that goes for every topic."""
    headers = {"Content-Type": "application/json"}
    if place.token:
        headers["Authorization"] = f"Bearer {place.token}"
    log_in = (place.user, place.password or "") if place.user and not place.token else None
    answer = web.post(
        _server(place),
        body=message(parcel.letter, topic),
        headers=headers,
        auth=log_in,
        verify=place.verify_certificate,
    )
    if answer.is_good:
        parcel.confirm(parcel.receipt(topic))
        return None
    fault = web.failed(answer)
    if fault.after:
        raise fault
    return fault


def _server(place: Any) -> str:
    """Where JSON is posted to: the topic stands in it."""
    if place.mode == "cloud":
        return CLOUD
    port = f":{place.port}" if place.port else ""
    return f"{'https' if place.secure else 'http'}://{place.host}{port}"


def _fits(letter: Letter, topic: str, blocks: Sequence[Block]) -> bool:
    text = clean(as_text.text(blocks, letter.frame))
    return len(text.encode()) <= MOST and len(_posted(letter, topic, blocks)) <= MOST_POSTED


def _posted(letter: Letter, topic: str, blocks: Sequence[Block]) -> bytes:
    title = line(letter.title)
    said: dict[str, str | int] = {
        "topic": topic,
        "title": title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…",
        "message": clean(as_text.text(blocks, letter.frame)),
        "priority": PRIORITIES.get(letter.severity, OTHERS.get(letter.kind, USUAL)),
    }
    if letter.url:
        said["click"] = letter.url
    if letter.reference:
        said["sequence_id"] = letter.reference
    return json.dumps(said, ensure_ascii=False).encode()
