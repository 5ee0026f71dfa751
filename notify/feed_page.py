"""Writes the page that lists the feeds, for people who look for one and for readers that follow its links."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha256
from html import escape

from archive.feeds import GENERAL, Feed, Kind
from notify.atom import TYPE, clean
from notify.feeds import ENDING

TITLE = "Feeds of Smallprint"
SECTIONS = {Kind.ALL: "Everything", Kind.TOPIC: "By topic", Kind.SEVERITY: "By severity", Kind.SERVICE: "By service"}
STYLE = """
:root { color-scheme: light dark; --ink: #1d2430; --quiet: #5b6472; --line: #d9dde4; --link: #1a56a8; --page: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ee; --quiet: #a3acb9; --line: #353c47; --link: #8ab8ff; --page: #14181e; }
}
body { margin: 0; background: var(--page); color: var(--ink); font: 1.0625rem/1.5 system-ui, sans-serif; }
main { max-width: 40rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
h2 { font-size: 1rem; margin: 2rem 0 .25rem; color: var(--quiet); }
p { margin: .5rem 0; }
ul { list-style: none; margin: 0; padding: 0; border-top: 1px solid var(--line); }
li { border-bottom: 1px solid var(--line); }
li a { display: block; padding: .65rem 0; overflow-wrap: anywhere; }
a { color: var(--link); }
a:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
"""
# Nothing but this style, in a browser that asks nobody else.
POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; base-uri 'none'; "
    "form-action 'none'"
)


def page(feeds: Sequence[Feed], site: str) -> str:
    """The page as HTML. It stands beside "all.atom", and its links are relative, so that it works in any place."""
    archive = f'\n<p><a href="{escape(site)}/">Browse the archive</a></p>' if site else ""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>{TITLE}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{STYLE}</style>
{_lines(_discovered(feed) for feed in GENERAL)}
</head>
<body>
<main>
<h1>{TITLE}</h1>
<p>What policies and terms newly say about AI training and consent, with the words that changed. Give the address of one
of these feeds to your feed reader.</p>{archive}
{_lines(_section(name, [feed for feed in feeds if feed.kind is kind]) for kind, name in SECTIONS.items())}
</main>
</body>
</html>
"""


def _discovered(feed: Feed) -> str:
    return f'<link rel="alternate" type="{TYPE}" title="Smallprint: {escape(feed.title)}" href="{_place(feed)}">'


def _section(name: str, feeds: Iterable[Feed]) -> str:
    items = _lines(f'<li><a href="{_place(feed)}"><bdi>{escape(clean(feed.title))}</bdi></a></li>' for feed in feeds)
    return f"<section>\n<h2>{name}</h2>\n<ul>\n{items}\n</ul>\n</section>" if items else ""


def _place(feed: Feed) -> str:
    return f"{feed.name}{ENDING}"


def _lines(pieces: Iterable[str]) -> str:
    return "\n".join(piece for piece in pieces if piece)
