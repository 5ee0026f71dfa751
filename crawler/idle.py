"""Turns the passages of a page into those that say something: what serves only the reading or the visit is left out.

A passage goes only as a whole, and only where it is short and nothing else: "Updated 3 weeks ago", "5 min read",
"12 people found this helpful". Dates of the document stay, and so does every sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from archive.words import Kind, Passage

LONGEST = 120  # characters of a passage that may be idle

_NUMBER = r"\d[\d.,\u00a0\u202f' ]*\s?[km]?\+?"
_MANY = rf"(over |about |almost |more than |less than )?(an?|one|few|a few|several|{_NUMBER})"
_UNIT = r"(sec(ond)?|min(ute)?|hr|hour|day|week|month|year)s?"
_AGO = (  # in English, German, French, Spanish, Italian, Portuguese, Dutch
    rf"({_MANY} ?{_UNIT} ago|just now|(earlier )?today|yesterday"
    r"|(earlier )?this (week|month|year)|last (week|month|year)"
    r"|vor (etwa |über )?\S+ (Sekunde|Minute|Stunde|Tag|Woche|Monat|Jahr)(e?n)?|gestern|heute"
    r"|il y a (plus d['’e] ?)?\S+ (seconde|minute|heure|jour|semaine|mois|an|année)s?|hier|aujourd['’]hui"
    r"|hace (más de )?\S+ (segundo|minuto|hora|día|semana|mes|año)(e?s)?|ayer|hoy"
    r"|\S+ (second[oi]|minut[oi]|or[ae]|giorn[oi]|settiman[ae]|mes[ei]|ann[oi]) fa|ieri|oggi"
    r"|há (mais de )?\S+ (segundo|minuto|hora|dia|semana|mês|mese|ano)s?|ontem|hoje"
    r"|\S+ (seconden|minuten|uur|dag(en)?|we(ek|ken)|maand(en)?|jaar) geleden|gisteren|vandaag)"
)
_DONE = (
    r"(updated|edited|modified|changed|reviewed|revised|published|posted|created|added|written|seen|checked|synced"
    r"|aktualisiert|bearbeitet|geändert|veröffentlicht|mis à jour|modifié|publié|actualizado|modificado|publicado"
    r"|aggiornato|modificato|pubblicato|atualizado|bijgewerkt|gewijzigd)"
)
_PEOPLE = r"(people|users|readers|visitors|persons?|members|customers)"
_COUNTED = (
    r"((page ?)?views?|reads?|comments?|repl(y|ies)|likes?|shares?|votes?|upvotes?|downloads?|ratings?|reactions?"
    r"|followers|claps?|results?|bookmarks?)"
)
_NAMED = r"[\w.,&'’()|/ -]"
_TONGUE = (
    r"(english|deutsch|français|español|italiano|português|nederlands|polski|svenska|dansk|norsk( bokmål)?|suomi"
    r"|čeština|slovenčina|slovenščina|magyar|română|български|ελληνικά|русский|українська|türkçe|العربية|עברית|हिन्दी"
    r"|日本語|한국어|简体中文|繁體中文|繁体中文|中文|bahasa (indonesia|melayu)|tiếng việt|ไทย|hrvatski|srpski|eesti"
    r"|latviešu|lietuvių|català|gaeilge)( ?[(（][^()]{2,30}[)）])?"
)

# Words that may as well be the heading of a section: "Search", "Share".
CONTROLS = (
    r"(skip|jump) to (main )?(content|navigation)|print( this page)?|copy link|share( this (page|article))?( on \w+)?"
    r"|search\W*|search for articles\W*|loading\W*|please wait\W*|all collections|home|log ?in|sign (in|up|out)"
    r"|(play|watch)( the)? video|(toggle|open|close) (menu|navigation|search)|(expand|collapse|show|hide) all"
)
LABELS = r"(back|return|scroll) to (the )?top|(on|in) this (page|article|section)|(table of )?contents"
FEEDBACK = (
    r"did this (answer your question|help)\W*|(was|is) this (page|article|information|answer|content)? ?helpful\W*"
    rf"|{_NUMBER}\s?(of|out of) {_NUMBER}\s?({_PEOPLE} )?(found|find|think|rated) (this|it) (was )?(helpful|useful)\W*"
    rf"|{_NUMBER}\s?{_PEOPLE} (found|find) (this|it) (helpful|useful)\W*|thank(s| you) for your feedback\W*"
)
TIMES = (
    rf"(this (page|article) was )?(last )?({_DONE}:? )?(by [^.]{{1,60}}? )?{_AGO}"
    rf"|written by [^.]{{1,60}}?{_DONE} {_AGO}|zuletzt {_DONE}:? {_AGO}|{_AGO} {_DONE}"
    r"|(last )?(viewed|visited|accessed|printed|retrieved|downloaded)( on| at)?:? (?=\D*\d)[\w:,./ -]{1,40}"
)
COUNTERS = (
    rf"{_NUMBER}\s?(-| )?min(ute)?s?\.?(-| )(to )?read(ing( time)?)?|(estimated )?read(ing)? time:? ?{_NUMBER}\s?min\w*"
    rf"|lesezeit:? (ca\. )?{_NUMBER}\s?min\w*\.?|(temps|durée) de lecture ?:? {_NUMBER}\s?min\w*"
    rf"|(no|{_NUMBER})\s?{_COUNTED}|{_COUNTED}:? ?\(?{_NUMBER}\)?|(viewed|read|downloaded|shared) {_NUMBER}\s?times?"
    rf"|(showing |viewing |page )?{_NUMBER}\s?(([-–—]|to)\s?{_NUMBER}\s?)?of {_NUMBER}\s?(results|items|entries|pages)"
)
MARKS = (
    r"((your|cloudflare) )*((ray|request|trace|correlation|session|incident|event|support|error) ?id|error reference"
    r"|reference (id|#))( is)?[:# ]+(?=[\w.:-]*\d)[\w.:-]{6,64}"
    r"|your ip( address)?( is)?:? [\da-f.:]{7,39}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
COPYRIGHT = (
    rf"((copyright|©|\(c\)) ?){{1,3}}(19|20)\d\d( ?[-–—] ?(19|20)?\d\d)?,? ?{_NAMED}{{0,60}}"
    rf"|{_NAMED}{{2,40}} (©|\(c\)) ?(19|20)\d\d({_NAMED}{{0,30}})?"
)

IDLE = re.compile("|".join([LABELS, FEEDBACK, TIMES, COUNTERS, MARKS, COPYRIGHT]), re.IGNORECASE)
IDLE_BELOW = re.compile(  # what is idle unless it is a heading
    rf"{CONTROLS}|((select |choose |change )?(your )?language:? ?)?{_TONGUE}([ ,|/·•]+{_TONGUE})*", re.IGNORECASE
)
# What only stands above links to other pages, and never above a part of the document.
ELSEWHERE = re.compile(
    r"(related|recommended|popular|similar|suggested|trending|recent|latest|featured|top) "
    r"(articles?|posts?|content|reading|stories|news|questions|reads)"
    r"|(you (may|might) )?also (like|be interested in)\W*|recommended( for you)?|recently viewed( articles)?"
    r"|more (articles|posts|stories|news)( (from|in|like) .{1,40})?|keep reading|read next|up next",
    re.IGNORECASE,
)


def without_idle(found: Iterable[Passage]) -> list[Passage]:
    """The passages that say something."""
    return [passage for passage in _without_elsewhere(list(found)) if not is_idle(passage)]


def is_idle(passage: Passage) -> bool:
    """Whether a passage is nothing but a control, a counter, a time as seen from today, or a mark of the visit."""
    if len(passage.text) > LONGEST:
        return False
    if IDLE.fullmatch(passage.text):
        return True
    return passage.kind in (Kind.PARAGRAPH, Kind.ITEM) and IDLE_BELOW.fullmatch(passage.text) is not None


def _without_elsewhere(found: Sequence[Passage]) -> Iterator[Passage]:
    """Without lists of other pages: a line such as "Related articles" and the links below it."""
    among = False
    for number, passage in enumerate(found):
        follows = number + 1 < len(found) and _is_link(found[number + 1])
        if ELSEWHERE.fullmatch(passage.text) and (follows or number + 1 == len(found)):
            among = True
        elif not (among and _is_link(passage)):
            among = False
            yield passage


def _is_link(passage: Passage) -> bool:
    """Whether a passage is nothing but links."""
    return bool(passage.links) and sum(len(link.text) for link in passage.links) >= 0.9 * len(passage.text)
