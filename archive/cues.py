"""Tells by plain words what a sentence speaks of: training, a denial, a refusal, a way of agreeing."""

from __future__ import annotations

import re

from archive.words import Mechanism

_TRAINING = re.compile(
    r"\b(?:train(?!ees?\b|ers?\b)\w*|fine[- ]?tun\w*|entra[iî]n\w*|entren\w*|addestr\w*|getrain\w*|trein\w*)",
    re.IGNORECASE,
)
_AI = re.compile(r"\b(?:AI|A\.I\.|KI|IA|[Mm]achine [Ll]earning|[Aa]rtificial [Ii]ntelligence|[Aa]lgorithms?)\b")
_DENIAL = re.compile(
    r"\b(?:not|never|no|nor|neither|cannot|nicht|kein\w*|niemals|pas|jamais|nunca|não|niet|geen)\b|n['’]t\b",
    re.IGNORECASE,
)
_NO_DENIAL = re.compile(
    r"\bnot (?:only|just|limited to)|\bno (?:later|less|fee)"
    r"|(?:\bnot|n['’]t) (?:yet )?(?:opt|object|refuse|turn|withdraw|disable)\w*",
    re.IGNORECASE,
)
_REFUSAL = re.compile(
    r"\bopt(?:s|ed|ing)?[- ]?out|\bobject(?:s|ed|ing|ions?)?\b(?! of| code)|\brefus\w+|\bdisabl\w+|\bdeclin\w+"
    r"|\b(?:turn|switch)\w* (?:\w+ ){0,4}off\b|\bwithdraw\w*|\bnot want\b"
    r"|widersprech|widerspruch|ablehn|\bs?['’]?oppos|désactiv|desactiv|disattiv|bezwaar",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"\b(?:consents?|permission|opt(?:s|ed|ing)?[- ]?in)\b|\bif you (?:agree|allow|permit|choose)|\bagreement\b"
    r"|einwilligung|zustimmung|consentement|consentim(?:i?ento)|consenso|toestemming",
    re.IGNORECASE,
)
_WITHDRAWAL = re.compile(r"withdraw|revo[ck]|widerruf|retir|intrek", re.IGNORECASE)
_PRESUMING = re.compile(
    r"\bby (?:\w+ ){0,2}\w+ing\b|\bconstitut\w+|\bdeemed\b|\bcontinu\w+|\bsignif\w+|\bmeans\b|\bsubject to\b"
    r"|\bnot agree|\b(?:you|I) (?:hereby )?(?:agree|accept|consent|authorize)"
    r"|durch die nutzung|en utilisant|al utilizar|utilizzando",
    re.IGNORECASE,
)
_CHOICE = re.compile(
    r"\b(?:settings?|preferences?|choices?|choose|controls?|unsubscribe|do not track|limit)\b", re.IGNORECASE
)
_DEFAULT = re.compile(
    r"\bdefaults?\b|\bautomatically\b|\bpre-?(?:checked|selected|ticked)|\bunless\b|\bnot opt\w*"
    r"|standardmäßig|par défaut|por defecto",
    re.IGNORECASE,
)
_USE = re.compile(r"\b(?:us(?:e|es|ing)|access\w*|continu\w+|visit\w*|brows\w+)\b", re.IGNORECASE)
_END = re.compile(r"(?<=[.!?;])\s+")


def trains(text: str) -> bool:
    """Whether it has a word of training."""
    return _TRAINING.search(text) is not None


def denies(text: str) -> bool:
    """Whether it says that something is not done."""
    return _DENIAL.search(_NO_DENIAL.sub("", text)) is not None


def refuses(text: str) -> bool:
    """Whether it speaks of refusing, objecting or switching off."""
    return _REFUSAL.search(text) is not None


def asks(text: str) -> bool:
    """Whether it makes something depend on a person's agreement."""
    return _ASKING.search(text) is not None and "without" not in text.lower()


def uses(text: str) -> bool:
    """Whether it speaks of using or visiting something."""
    return _USE.search(text) is not None


def names(mechanism: Mechanism, text: str) -> bool:
    """Whether it speaks of this way of agreeing or refusing."""
    return any(cue.search(text) is not None for cue in _MECHANISMS[mechanism])


def about_training(text: str) -> list[str]:
    """The sentences that speak of training, or where none does, those that speak of AI."""
    sentences = _END.split(text)
    return [one for one in sentences if trains(one)] or [one for one in sentences if _AI.search(one)]


_MECHANISMS = {
    Mechanism.OPT_OUT: (_REFUSAL, _CHOICE),
    Mechanism.OPT_IN: (_ASKING,),
    Mechanism.DEEMED: (_PRESUMING,),
    Mechanism.WITHDRAW: (_WITHDRAWAL,),
    Mechanism.DEFAULT: (_DEFAULT,),
}
