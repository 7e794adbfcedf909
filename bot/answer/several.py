"""Several: what to do with a long message or one of several questions, once its parts have been decided alone.

The whole message keeps its say: what its story adds (numbers, places, people, another action) turns an answer into a
choice, and a part nobody can answer sends the message to a person.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.answer.compare import actions
from bot.answer.decide import LONGEST
from bot.answer.draft import CHOICES_MAX, Draft, Part
from bot.answer.regions import places
from bot.answer.signs import against, signs
from bot.answer.split import Split
from knowledge.entries import KnownEntry
from knowledge.vocabulary import Outcome, Reason

# Somebody else's case, or one's own told at length, is not the general one.
_PEOPLE = re.compile(
    "[爸妈爹娘]|父|母|[老前][公婆夫妻]|妻子|丈夫|爱人|配偶|对象|孩子|儿子|女儿|娃|[兄弟姐妹]|同事|老板|会计|厂长|中介|开发商|窗口"
)
# The whole message was about something the engine may not speak of.
_BARRED = frozenset({Reason.UNVERIFIED, Reason.NOT_IN_FORCE, Reason.OTHER_REGION})


def tells_more(message: str, found: Split) -> bool:
    """Whether a message is more than one short question."""
    return len(found.parts) > 1 or (bool(found.parts) and len(message) > LONGEST)


def settle(message: str, found: Split, whole: Draft, drafts: Sequence[Draft], own: frozenset[str]) -> Draft:
    """The outcome for a message from the draft of the whole and the drafts of its parts; `own` are names of the region."""
    if found.many:
        return replace(whole, outcome=Outcome.HANDED_OVER, reason=Reason.SEVERAL_ASKED, entry=None, choices=())
    parts = tuple(Part(asked.text, draft) for asked, draft in zip(found.parts, drafts, strict=True))
    several = len(parts) > 1
    if whole.reason in _BARRED:
        return replace(whole, parts=parts) if several else whole
    doubted = _doubted(found.story, parts, own)
    return _many(whole, parts, doubted=doubted) if several else _told(whole, parts[0].draft, doubted=doubted)


def _told(whole: Draft, part: Draft, *, doubted: bool) -> Draft:
    """One question with its story: an answer only where the story changes nothing, else choices."""
    agreed = part.entry is not None and whole.candidates[0].entry.key == part.entry.key
    if agreed and not whole.candidates[0].vetoes and not doubted:
        return part
    if part.entry is None:
        return whole
    return _offer(whole, [part.entry, *whole.choices])


def _offer(whole: Draft, entries: Sequence[KnownEntry]) -> Draft:
    """These entries as choices."""
    return replace(whole, outcome=Outcome.CLARIFY, reason=Reason.SEVERAL_FIT, entry=None, choices=_distinct(entries))


def _many(whole: Draft, parts: tuple[Part, ...], *, doubted: bool) -> Draft:
    """Several questions: all answered, or a person with the sure ones to read at once, or what the whole was given."""
    whole = replace(whole, parts=parts)
    if whole.entry and _one_answer(whole.entry.key, parts):
        return whole
    sure = _distinct([entry for part in parts if (entry := part.draft.entry)], len(parts))
    if sure and all(any(part.covered_by(entry.key) for entry in sure) for part in parts):
        if doubted:
            return _offer(whole, sure)
        confidence = min(part.draft.confidence for part in parts if part.draft.entry)
        first = next(part.draft for part in parts if part.draft.entry)
        return replace(first, candidates=whole.candidates, confidence=confidence, parts=parts)
    offered = _distinct([*sure, *([whole.entry] if whole.entry else [])])
    if not offered:
        return whole
    return replace(whole, outcome=Outcome.HANDED_OVER, reason=Reason.SEVERAL_ASKED, entry=None, choices=offered)


def _one_answer(key: str, parts: Sequence[Part]) -> bool:
    """Whether every part asks for this one entry."""
    return all(part.covered_by(key) for part in parts)


def _doubted(story: str, parts: Sequence[Part], own: frozenset[str]) -> bool:
    """Whether the story says something the general answer may not hold for."""
    asked = " ".join(part.asked for part in parts)
    told, heard = signs(story), signs(asked)
    return bool(
        told.numbers - heard.numbers
        or places(story) - places(asked) - own
        or _PEOPLE.search(story)
        or against(told, heard)
        or actions(story) - actions(asked) - {"缴存"}
    )


def _distinct(entries: Sequence[KnownEntry], most: int = CHOICES_MAX) -> tuple[KnownEntry, ...]:
    return tuple({entry.key: entry for entry in entries}.values())[:most]
