"""The markup of Slack, and of Rocket.Chat, which took it over: there is no sign in it that escapes another."""

from __future__ import annotations

import re
from html import escape

from notify.as_markdown import BREAK, EMOJI, MENTION, Markup

ALIKE = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})  # look the same and mark nothing
UNDERLINE = re.compile(r"(?<!\w)_|_(?!\w)")  # inside of a word it marks nothing, and stays as it is


def _alike(text: str) -> str:
    """Signs that would mark something become others that look like them; names become no mentions, and no pictures."""
    looks = UNDERLINE.sub("ˍ", text.translate(ALIKE))
    return EMOJI.sub(f":{BREAK}", MENTION.sub(f"@{BREAK}", looks))


def _slack(text: str) -> str:
    return escape(_alike(text), quote=False)


def _slack_address(url: str) -> str:
    return f"<{escape(url, quote=False)}>"


def _slack_link(words: str, url: str) -> str:
    return f"<{escape(url, quote=False)}|{words}>"


def _rocket(text: str) -> str:
    """A link is `[words](address)` or `<address|words>`; the signs of each are kept apart."""
    apart = re.sub(r"(<|\](?=\()|(?<!\w)#(?=\w))", rf"\1{BREAK}", _alike(text))
    return re.sub(r"^([#>-])", rf"{BREAK}\1", apart)


def _rocket_address(url: str) -> str:
    return url.replace("@", "%40")


def _rocket_link(words: str, url: str) -> str:
    safe = _rocket_address(url).replace("(", "%28").replace(")", "%29")
    return f"[{words}]({safe})"


SLACK = Markup(3000, "*", "~", _slack, _slack_address, _slack_link)  # what a section of Slack takes
ROCKET = Markup(5000, "*", "~", _rocket, _rocket_address, _rocket_link)
