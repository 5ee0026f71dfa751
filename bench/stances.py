"""Prints what services say now with the positions read in it, to be judged by eye.

python bench/stances.py ARCHIVE TOPIC [HOW_MANY]

With a number behind it, a sample of so many. "nothing" stands where words were flagged and no position was read. The
texts may be Open Terms Archive's, under the Open Data Commons Attribution License; none is part of this project.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from pathlib import Path

from archive import sayings, stances, store
from archive.words import Topic


def main(archive: Path, topic: Topic, most: int) -> None:
    """Reads an archive and prints a line a quote, then how many there are of each position."""
    with store.reading(archive) as db:
        found = sayings.found(db, topic, sayings.texts(db))
    told = [(" + ".join(says(topic, one)) or "nothing", one.text.document, one.quote) for one in found]
    chosen = random.Random(1).sample(told, min(most, len(told))) if most else told
    for number, (position, document, quote) in enumerate(sorted(chosen), 1):
        print(f"{number}. {position} | {document} | {quote}")
    print(Counter(position for position, _, _ in told))


def says(topic: Topic, one: sayings.Found) -> list[str]:
    """The positions, with the words of another sentence where these tell it."""
    return [
        position if words == one.quote else f"{position} ({words})" for position, words in stances.positions(topic, one)
    ]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Topic(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)
