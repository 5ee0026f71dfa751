"""Puts documents into an archive that attack their readers in each field that a company or a declaration fills.

Whatever runs sets `window.owned`, whatever becomes markup has "owned" in a class, an id or its name, and whatever is
loaded is asked of owned.example.
"""

from __future__ import annotations

from sqlite_utils import Database

from archive import changes
from archive.words import Decision, Document, Edit, EditKind, Effect, Fact, Mechanism, Reading, Relink, Topic
from tests.site_pages import flag, record

RUN = "window.owned=1;alert(1)"
MARKUP = (
    f"<script class=owned>{RUN}</script>",
    f"</script><script class=owned>{RUN}</script>",
    f"</title></head><body class=owned onload={RUN}>",
    f'"><img class=owned src=http://owned.example/a.png onerror={RUN}>',
    f"' autofocus onfocus={RUN} class='owned",
    f'" style="background:url(http://owned.example/b.png)" onmouseover={RUN} class="owned',
    f"<svg class=owned onload={RUN}><animate onbegin={RUN} attributeName=x></svg>",
    f"</blockquote></textarea></style></template><iframe class=owned srcdoc='<script>{RUN}</script>'>",
    "<meta http-equiv=refresh content='999;url=http://owned.example/c'><base href=http://owned.example/ class=owned>",
    "<link class=owned rel=stylesheet href=http://owned.example/d.css><style class=owned>*{display:none}</style>",
    "<form class=owned action=http://owned.example/e><input name=q><button>Go</button></form>",
    "<owned-element></owned-element><details class=owned open ontoggle=window.owned=1>",
    "{{ 7 * 7 }}{% raw %}{% endraw %}${window.owned=1}<!-- <![CDATA[ ]]> -->",
)
PLACES = (
    f"javascript:{RUN}",
    f" \tJAVA\nSCRIPT:{RUN}",
    f"data:text/html,<script>{RUN}</script>",
    f"vbscript:{RUN}",
    f"https://nimbus.example/'\"><script class=owned>{RUN}</script>",
    "https://nimbus.example\\@owned.example/%0d%0aSet-Cookie:owned=1",
    "https://[owned.example/",
)
LETTERS = (
    "\u202egnp.exe \u2066isolated \u202dforced",  # never closed
    "\u2028line\u2029paragraph\x0bform\x0cfeed\x1b[31mred\x7f\x01\x02",
    "zero\u200b\u200dwidth\ufeff\u00ad and \ufffd \ufffe",
    "\u05d0\u05d1\u05d2 \u0645\u0631\u062d\u0628\u0627 mixed with (brackets] 123",
    "e" + "\u0301" * 60,
    "W" * 5000,
    "https://nimbus.example/" + "never-ending/" * 150,
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 " * 40,
)
TEXTS = (*MARKUP, *PLACES, *LETTERS)
DEEP = " › ".join([*MARKUP[:4], *LETTERS[:2], "h" * 400, *(f"level {number}" for number in range(30))])
DOCUMENTS = (
    Document("../../x", "Privacy Policy", PLACES[0], MARKUP[0], MARKUP[3], MARKUP[5]),
    Document(MARKUP[1], MARKUP[2], PLACES[2], LETTERS[0], 'EU" onclick="owned', 'en" class="owned', owner=MARKUP[6]),
    Document("..%2f..%00", "Terms\u202e of Service", PLACES[4], "x" * 300, "'quoted'", "x-'owned'"),
    Document("\u05d0\u05d1\u05d2", "Terms of Service", PLACES[6], LETTERS[3], "IL", "he"),
    Document("\u202e", LETTERS[1], PLACES[5], LETTERS[2], LETTERS[4], "<b>", owner=LETTERS[0]),
)
KINDS = (EditKind.ADDED, EditKind.REMOVED, EditKind.CHANGED)
EFFECTS, MECHANISMS = tuple(Effect), tuple(Mechanism)


def record_hostile_services(db: Database) -> None:
    """Services that attack by their names, with a first and a pushed version each."""
    for document in DOCUMENTS:
        first = changes.Verdict(Decision.BASELINE, MARKUP[1])
        record(db, document, TEXTS[::2], "2025-07-01T06:30:00Z", first, final_url=PLACES[1])
        edits = tuple(_edit(place, text) for place, text in enumerate(TEXTS))
        pushed = changes.Verdict(Decision.PUSH, MARKUP[7], (*edits, _relinked()))
        record(db, document, TEXTS[1:], "2025-07-02T06:30:00Z", pushed, final_url=PLACES[4])


def _edit(place: int, text: str) -> tuple[Edit, Reading]:
    """One of each kind in turn, with flags and facts that quote it."""
    kind, effect, mechanism = (of[place % len(of)] for of in (KINDS, EFFECTS, MECHANISMS))
    before = "" if kind is EditKind.ADDED else f"{TEXTS[place - 1]} said before"
    after = "" if kind is EditKind.REMOVED else text
    side = "after" if after else "before"
    flags = (
        flag(Topic.AI_TRAINING, effect, after or before, side),
        flag(Topic.CONSENT, Effect.NONE, after or before, side, (mechanism,)),
    )
    facts = (
        Fact("optout", text, text),
        Fact(text, text, text),
        Fact("effective", text, ""),
        Fact("exempt", text, text),
    )
    return Edit(kind, DEEP if place % 2 else text, before, after), Reading(flags, facts)


def _relinked() -> tuple[Edit, Reading]:
    """Links that move from one attack to another."""
    links = tuple(Relink(words, *pair) for words, *pair in zip(MARKUP, PLACES, PLACES[1:], strict=False))
    return Edit(EditKind.LINKS, DEEP, TEXTS[0], TEXTS[0], links, same_words=True), Reading()
