"""What is checked before an entry is proposed, and again before it is approved: errors block, warnings need a reason."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from rapidfuzz import fuzz

from admin.library.changeset import ChangeSet
from bot.answer.engine import Engine
from bot.answer.lessons import Example, School, holder
from knowledge import masking
from knowledge.base import Base, basis_fault, overlap
from knowledge.format import EntryText, PolicyText
from knowledge.text import bare
from knowledge.vocabulary import EntryStatus

# Two questions that differ in less than a letter of ten ask the same, or are mistaken for one another.
ALIKE = 90.0
NEIGHBOURS = 4
MASKED = re.compile(r"\*{3,}")
ADDRESSED = re.compile(r"(?:尊敬的|，|。|^|、|\s)([\u4e00-\u9fff]{1,3}(?:女士|先生))", re.MULTILINE)
SHOWN = 6


@dataclass(frozen=True)
class Finding:
    """One thing found; `blocks` says whether it forbids the change."""

    blocks: bool
    text: str


def of_base(change: ChangeSet, stored: Base) -> list[Finding]:
    """What a change would break, told from the texts alone."""
    after = change.applied(stored)
    policies = {row.key: row for row in after.policies}
    keys = {row.key for row in after.entries}
    claims = _claims(after, change)
    found = [one for policy in change.policies for one in _of_policy(policy, policies)]
    for entry in change.entries:
        found += [*_of_basis(entry, policies), *_of_privacy(entry), *_of_claims(entry, claims)]
        if entry.superseded_by and entry.superseded_by not in keys:
            found.append(Finding(True, f"接替条目 {entry.superseded_by} 不存在。"))
    return list(dict.fromkeys(found))


def errors(findings: list[Finding]) -> list[str]:
    """What blocks."""
    return [one.text for one in findings if one.blocks]


def warnings(findings: list[Finding]) -> list[str]:
    """What needs a reason."""
    return [one.text for one in findings if not one.blocks]


def of_engine(entry: EntryText, engine: Engine, day: date, stood: EntryText | None = None) -> list[Finding]:
    """Whether the engine, as it would be with the entry, tells it from others: asks the entry's own questions and those of
    its neighbours, each as if it were not kept. Of an entry that `stood` only what its new questions bring is told: warnings
    that come with every change are not read. Takes its time: not for the event loop."""
    index = engine.index
    place = index.place_of(entry.key)
    if place < 0 or entry.status is not EntryStatus.APPROVED:
        return []
    before = {stood.standard, *stood.similar} if stood else set()
    own = [(text, key) for text, key in _asked(engine, place, day) if text not in before]
    near = list(dict.fromkeys(key for _, key in own if key != entry.key))[:NEIGHBOURS]
    found = list(_alike(engine, place, entry))
    found += [_confused(engine, text, key) for text, key in own if key != entry.key][:SHOWN]
    for other in near:
        stolen = [text for text, key in _asked(engine, index.place_of(other), day) if key == entry.key]
        found += [Finding(False, f"问“{text}”（条目 {other} 的问法）会先找到这一条。") for text in stolen[:2]]
    return found


def _asked(engine: Engine, place: int, day: date) -> list[tuple[str, str]]:
    """Each question of an entry with the entry that comes first for it when it is not kept."""
    index, entry = engine.index, engine.index.entries[place]
    facts = frozenset(entry.facts)
    shunned = frozenset(one.key for one in index.entries if facts & frozenset(one.facts)) - {entry.key}
    on = day if entry.in_force(day) else (entry.valid_from or day)
    examples = [
        Example(
            text, frozenset({entry.key}), entry.key, row, shunned=shunned, held=holder(index, text, engine.regions, on)
        )
        for row in index.own_rows(place)
        for text in (index.asked[row].text,)
    ]
    found = []
    for seen in School(index, examples).look():
        scores = engine.ranker.scores(seen.measured, index.query(seen.terms))
        found.append((seen.example.text, seen.keys[int(scores.argmax())]))
    return found


def _alike(engine: Engine, place: int, entry: EntryText) -> Iterator[Finding]:
    """Nearly the same question kept with another entry that is in force at the same time."""
    index = engine.index
    told: set[str] = set()
    for row in index.own_rows(place):
        text = index.asked[row].text
        for hit in index.search(index.query(index.lexicon.terms(text)), 5, row):
            other, theirs = index.entries[hit.entry], index.asked[hit.row].text
            places = {entry.region, other.region}
            apart = hit.entry == place or other.key in told or (len(places) > 1 and not places <= engine.regions)
            if apart or not _together(entry, other) or fuzz.ratio(bare(text), bare(theirs)) < ALIKE:
                continue
            told.add(other.key)
            yield Finding(False, _same_words(entry, text, theirs, other.key, other.answer))


def _same_words(entry: EntryText, text: str, theirs: str, key: str, answer: str) -> str:
    if answer.strip() == entry.answer.strip():
        return f"重复：“{text}”与条目 {key} 的“{theirs}”几乎相同，答复也相同。"
    return f"可能矛盾：“{text}”与条目 {key} 的“{theirs}”几乎相同，两条同时有效而答复不同。"


def _together(one: EntryText, two: object) -> bool:
    start = max(one.valid_from or date.min, getattr(two, "valid_from", None) or date.min)
    return start <= min(one.valid_until or date.max, getattr(two, "valid_until", None) or date.max)


def _confused(engine: Engine, text: str, key: str) -> Finding:
    standard = next(one.standard for one in engine.index.entries if one.key == key)
    return Finding(False, f"易混：换个说法问“{text}”，会先找到条目 {key}（{standard}）。")


def _of_basis(entry: EntryText, policies: dict[str, PolicyText]) -> Iterator[Finding]:
    known = [policies[line.policy] for line in entry.basis if line.policy in policies]
    for line in entry.basis:
        fault = basis_fault(line, policies)
        if fault:
            yield Finding(True, f"{fault}。引文要与存文逐字相同。" if line.policy in policies else f"{fault}。")
        elif not line.quote:
            yield Finding(False, f"依据 {line.policy} {line.article}没有引文，无法逐字核对。")
    if not known:
        return
    first = min(row.valid_from or date.min for row in known)
    last = max(row.valid_until or date.max for row in known)
    if (entry.valid_from or date.min) < first:
        yield Finding(False, f"有效期超出依据：所依据的文件最早 {first} 起施行，条目却从更早算起。")
    if (entry.valid_until or date.max) > last:
        yield Finding(False, f"有效期超出依据：所依据的文件最晚到 {last} 有效，此后条目会自动停止答复。")


def _of_privacy(entry: EntryText) -> Iterator[Finding]:
    for label, text in (
        ("答复正文", entry.answer),
        ("问法", "\n".join((entry.standard, *entry.similar, *entry.counter))),
    ):
        for kind in sorted(masking.kinds(text)):
            hard = kind in (masking.IDENTITY, masking.MOBILE)
            yield Finding(hard, f"{label}里像有{kind}。" + ("请删除。" if hard else "如果不是个人信息，请写明。"))
        if MASKED.search(text):
            yield Finding(True, f"{label}里还有隐去个人信息留下的星号，请删去。")
        for name in sorted(set(ADDRESSED.findall(text)))[:3]:
            yield Finding(False, f"{label}里的“{name}”像在称呼某个人，条目是写给所有人看的。")


def _claims(after: Base, change: ChangeSet) -> dict[str, list[EntryText]]:
    """Who claims the questions that the change claims, letter by letter, punctuation apart."""
    wanted = {bare(text) for entry in change.entries for text in (entry.standard, *entry.similar)}
    claims: dict[str, list[EntryText]] = {text: [] for text in wanted}
    for entry in after.entries:
        if entry.status is EntryStatus.APPROVED:
            for said in {bare(text) for text in (entry.standard, *entry.similar)} & wanted:
                claims[said].append(entry)
    return claims


def _of_claims(entry: EntryText, claims: dict[str, list[EntryText]]) -> Iterator[Finding]:
    if entry.status is not EntryStatus.APPROVED:
        return
    for text in (entry.standard, *entry.similar):
        for other in claims[bare(text)]:
            if other.key != entry.key and overlap(entry, other):
                yield Finding(True, f"问法“{text}”已属于条目 {other.key}，两条同时有效：同一个问题只能有一个答复。")


def _of_policy(policy: PolicyText, policies: dict[str, PolicyText]) -> Iterator[Finding]:
    if policy.replaces and policy.replaces not in policies:
        yield Finding(True, f"所替代的文件 {policy.replaces} 不存在。")
    if policy.replaces == policy.key:
        yield Finding(True, "文件不能替代它自己。")
    old = policies.get(policy.replaces)
    if old and policy.valid_from and (old.valid_until or date.max) >= policy.valid_from:
        yield Finding(
            False, f"新旧文件有重叠：{old.key} 的最后有效日不早于 {policy.key} 的施行日 {policy.valid_from}。"
        )
