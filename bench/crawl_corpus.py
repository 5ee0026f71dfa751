"""Turns stored fetches of real pages into pairs for two rounds of a crawl: python bench/crawl_corpus.py CORPUS FOLDER N

Of N pages, 75 % are the same bytes in both rounds, 10 % differ in markup only, 10 % in some visible words that nobody
recorded, and 5 % say something new by the recorded text. The corpus is Open Terms Archive's, under the Open Data
Commons Attribution License.
"""

from __future__ import annotations

import json
import random
import re
import sys
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from pathlib import Path

from extract import ONE_RUN, WORD, git, is_error, plain
from lxml import etree, html

from crawler.git_records import Repository, opened
from crawler.ota_commits import PAGE, TEXT, place_of

BUNDLES = ("genai-eu-snapshots.bundle", "genai-eu-versions.bundle")
SAME, REAL, MARKUP, VISIBLE = "same", "real", "markup", "visible"
SHARES = {REAL: 0.05, MARKUP: 0.1, VISIBLE: 0.1}  # of the pages; the others are the same
HOSTS = tuple(f"127.0.0.{number}" for number in range(2, 51))
ROUNDS = ("first", "second")
SEED = 20261122
NEAR = 3 * 86400  # seconds that may lie between the two fetches of a noisy page
STEPS = 6  # a real change may lie so many fetches back, half a day each, where there are too few of neighbours
FEW_WORDS = 60  # so many words of a page may differ without anybody having recorded it
LEAST_WORDS = 50  # a page with fewer says nothing
SENTENCE = re.compile(r"(?<=[.!?;:])\s+|\n")
LONG = 6  # words of a sentence that counts
SILENT = ("script", "style", "svg", "head", etree.Comment, etree.ProcessingInstruction)


@dataclass(frozen=True, slots=True)
class Fetched:
    """One page at one time: which document of which service it is a part of, and git's name of its bytes."""

    path: str
    document: tuple[str, str]
    at: int
    blob: str


Pair = tuple[Fetched, Fetched]
Drawn = tuple[str, int, Pair]  # its class, how many fetches on the second one is, and both
Texts = dict[tuple[str, str], list[tuple[int, str]]]  # of a document, when each text was recorded, and its blob


@dataclass(slots=True)
class Corpus:
    """What there is to draw from."""

    pages: Repository
    texts: Repository
    fetched: dict[str, list[Fetched]] = field(default_factory=lambda: defaultdict(list))
    recorded: Texts = field(default_factory=lambda: defaultdict(list))

    def read(self) -> None:
        """Lists everything, oldest first."""
        for change in self.pages.changes():
            if place := place_of(change, PAGE, Counter()):
                document = place["service"], place["type"]
                self.fetched[change.path].append(Fetched(change.path, document, change.at, change.blob))
        for change in self.texts.changes():
            if place := place_of(change, TEXT, Counter()):
                self.recorded[place["service"], place["type"]].append((change.at, change.blob))
        for listed in chain(self.fetched.values(), self.recorded.values()):
            listed.sort(key=lambda one: one.at if isinstance(one, Fetched) else one[0])

    def text_of(self, page: Fetched) -> str:
        """The blob of the document's text when the page had been fetched; "" before the first."""
        recorded = self.recorded[page.document]
        number = bisect_right(recorded, page.at + ONE_RUN, key=lambda one: one[0])
        return recorded[number - 1][1] if number else ""


def main(arguments: list[str]) -> int:
    """Write the pages, and what was found."""
    corpus, folder, wanted = Path(arguments[0]), Path(arguments[1]), int(arguments[2])
    with opened(corpus / BUNDLES[0]) as pages, opened(corpus / BUNDLES[1]) as texts:
        found = Corpus(pages, texts)
        found.read()
        drawn = draw(found, wanted)
        write(pages, drawn, folder)
        (folder / "told.txt").write_text(told(found, drawn))
    return 0


def draw(corpus: Corpus, wanted: int) -> list[Drawn]:
    """Pages with their class, no two of them with the same bytes in the first round."""
    chance, drawn = random.Random(SEED), dict[str, Drawn]()  # by the bytes of the first round
    rooms = {kind: round(share * wanted) for kind, share in SHARES.items()}
    for steps in range(1, STEPS + 1):
        for pair in in_turn(corpus, steps, chance):
            kind = kind_of(corpus, pair) if pair[0].blob not in drawn and rooms[REAL] + (steps == 1) else ""
            if rooms.get(kind) and (steps == 1 or kind == REAL):
                rooms[kind] -= 1
                drawn[pair[0].blob] = kind, steps, pair
    for pair in in_turn(corpus, 0, chance):
        if len(drawn) < wanted and pair[0].blob not in drawn and len(words_of(corpus.pages, pair[0])) >= LEAST_WORDS:
            drawn[pair[0].blob] = SAME, 0, pair
    return chance.sample(list(drawn.values()), len(drawn))


def in_turn(corpus: Corpus, steps: int, chance: random.Random) -> Iterator[Pair]:
    """One pair of every address, then another of every address, and so on; so many fetches lie between the two."""
    pairs = [list(zip(pages, pages[steps:], strict=False)) for _, pages in sorted(corpus.fetched.items())]
    shuffled = [chance.sample(listed, len(listed)) for listed in pairs]
    return (pair for turn in zip_longest(*shuffled) for pair in turn if pair)


def kind_of(corpus: Corpus, pair: Pair) -> str:
    """What a page and its next fetch are an example of; "" for none."""
    old, new = pair
    if old.blob == new.blob:
        return ""
    texts = corpus.text_of(old), corpus.text_of(new)
    if not all(texts):
        return ""
    if texts[0] != texts[1]:
        return REAL if says_more(corpus, pair, texts) else ""
    near = new.at - old.at <= NEAR and not recorded_between(corpus, pair)
    return noise(*(words_of(corpus.pages, page) for page in pair)) if near else ""


def recorded_between(corpus: Corpus, pair: Pair) -> bool:
    """Whether anything was recorded of the document meanwhile, be it the same text again."""
    return any(pair[0].at + ONE_RUN < at <= pair[1].at + ONE_RUN for at, _ in corpus.recorded[pair[0].document])


def noise(old: list[str], new: list[str]) -> str:
    """Which kind of noise it is; "" where the pages are too short, or too far from each other."""
    if min(len(old), len(new)) < LEAST_WORDS:
        return ""
    if old == new:
        return MARKUP
    before, after = Counter(old), Counter(new)
    return VISIBLE if ((before - after) + (after - before)).total() <= FEW_WORDS else ""


def says_more(corpus: Corpus, pair: Pair, texts: tuple[str, str]) -> bool:
    """Whether a sentence that is new in the recorded text is in the new page, and was not in the old.

    A page that says it cannot be shown says nothing new, though its words were recorded.
    """
    recorded = [blob(corpus.texts, name) for name in texts]
    if any(map(is_error, recorded)):
        return False
    before, after = (sentences(text.decode()) for text in recorded)
    fresh = after - before
    if not fresh:
        return False
    old, new = (joined(" ".join(words_of(corpus.pages, page))) for page in pair)
    return any(sentence in new and sentence not in old for sentence in fresh)


def sentences(markdown: str) -> set[str]:
    """The words of each longer sentence."""
    found = (joined(sentence) for sentence in SENTENCE.split(plain(markdown)))
    return {sentence for sentence in found if sentence.count(" ") >= LONG}


def joined(text: str) -> str:
    """The words, so that one text can be looked for in another."""
    return f" {' '.join(WORD.findall(text.lower()))} "


def words_of(repository: Repository, page: Fetched) -> list[str]:
    """What stands in the page between its marks, word by word, of which a reader may not see all."""
    root = html.document_fromstring(blob(repository, page.blob) or b"<p>", parser=html.HTMLParser(encoding="utf-8"))
    etree.strip_elements(root, *SILENT, with_tail=False)
    return " ".join(root.itertext()).split()


def blob(repository: Repository, name: str) -> bytes:
    """The bytes that git calls so."""
    return git(repository.folder, "cat-file", "blob", name)


def told(corpus: Corpus, drawn: Sequence[Drawn]) -> str:
    """How many pages there were and what was drawn of them."""
    kinds = Counter(kind for kind, _, _ in drawn)
    wide = sum(steps > 1 for _, steps, _ in drawn)
    of = Counter(page.blob for pages in corpus.fetched.values() for page in pages)
    return f"""{of.total():,} fetches of {len(corpus.fetched)} addresses, {len(of):,} of them different
{len(drawn)} pages drawn, all different: {", ".join(f"{kinds[kind]} {kind}" for kind in (SAME, *SHARES))}
(of the real changes {wide} are told by fetches up to {STEPS} apart, as neighbours had no more)"""


def write(repository: Repository, drawn: Sequence[Drawn], folder: Path) -> None:
    """The pages by round, and a list of them with their hosts."""
    listed = []
    for number, (kind, _, pair) in enumerate(drawn):
        name = f"p{number:04}"
        listed.append({"name": name, "kind": kind, "host": HOSTS[number % len(HOSTS)]})
        for way, page in zip(ROUNDS, pair, strict=True):
            if way == ROUNDS[0] or kind != SAME:
                (folder / way).mkdir(parents=True, exist_ok=True)
                (folder / way / f"{name}.html").write_bytes(blob(repository, page.blob))
    (folder / "pages.json").write_text(json.dumps(listed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
