"""Hands a letter to Apprise in the markup of the chat that it goes to: Discord, Slack, Mattermost, Rocket.Chat."""

from __future__ import annotations

from archive.targets import Target
from notify import addresses, anywhere
from notify.as_markdown import DISCORD, MATTERMOST, body, message
from notify.as_slack import ROCKET, SLACK
from notify.carrier import Parcel
from notify.clean import line

CHATS = {
    "discord": DISCORD,
    "slack": SLACK,
    "mmost": MATTERMOST,
    "mmosts": MATTERMOST,
    "rocket": ROCKET,
    "rockets": ROCKET,
}
LONGEST_TITLE = 140  # in a header of Slack


def send(target: Target, parcel: Parcel) -> None:
    """Slack has a place for the title; elsewhere it is the first line. Raises DeliveryError."""
    markup, letter = CHATS[addresses.scheme(target.url)], parcel.letter
    if markup is SLACK:
        anywhere.send_written(target, _title(letter.title), body(letter, markup))
    else:
        anywhere.send_written(target, "", message(letter, markup))


def _title(title: str) -> str:
    words = line(title)
    return words if len(words) <= LONGEST_TITLE else f"{words[: LONGEST_TITLE - 1]}…"
