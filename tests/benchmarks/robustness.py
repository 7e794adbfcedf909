"""How the engine bears mistakes: python -m tests.benchmarks.robustness QUESTIONS.jsonl

Asks each answerable question of a labelled file (one JSON object a line: text, facts, kind, as_of) as it is written, with one
and two characters replaced by others of the same sound or by any, as pinyin, without punctuation, and as it might be spoken.
The answers are those of the provisional point on the starter base. A question counts as served when it is answered rightly
or when the right entry is among what is offered. Chance is fixed: the same questions each time.
"""

import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

from bot.answer.draft import Draft
from bot.answer.engine import Engine
from knowledge.base import read_base
from knowledge.entries import KnownEntry, Snapshot, known_entries
from knowledge.text import sounds
from knowledge.vocabulary import Outcome
from tests.benchmarks.made_up import misspelt

DATA = Path(__file__).parents[2] / "knowledge" / "data"
OPENINGS = ("喂你好我想问一下", "哎那个我想问一下啊", "你好就是我想咨询一下", "呃我问一下哈")
FILLERS = ("那个", "就是", "嗯", "就是说")
CLOSINGS = ("啊", "呢", "谢谢", "啊谢谢")
_PUNCTUATION = re.compile(r"[^\w%.]+")
_PART = re.compile(r"[，,。？?！!；;、\s]+")
Change = Callable[[str, random.Random], str]


def _alike() -> dict[str, list[str]]:
    """By character, the others of the same sound."""
    letters = [bytes((high, low)).decode("gb2312", "ignore") for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF)]
    by_sound: dict[str, list[str]] = {}
    for letter in filter(None, letters):
        by_sound.setdefault(sounds(letter)[0], []).append(letter)
    return {letter: [one for one in same if one != letter] for same in by_sound.values() for letter in same}


ALIKE = _alike()
ANY = sorted(ALIKE)


def homophones(text: str, wrong: int, chance: random.Random) -> str:
    """Some characters replaced by others of the same sound, tones apart."""
    written = list(text)
    places = [at for at, letter in enumerate(text) if ALIKE.get(letter)]
    for at in chance.sample(places, min(wrong, len(places))):
        written[at] = chance.choice(ALIKE[text[at]])
    return "".join(written)


def pinyin(text: str) -> str:
    """Syllables without tones in the place of characters."""
    return "".join(sounds(letter)[0] if letter in ALIKE else letter for letter in text)


def voice(text: str, chance: random.Random) -> str:
    """As a recogniser writes speech: no punctuation, an opening, fillers between the parts, a closing."""
    parts = [part for part in _PART.split(text) if part]
    said = "".join(f"{chance.choice(FILLERS) if at else ''}{part}" for at, part in enumerate(parts))
    return chance.choice(OPENINGS) + said + chance.choice(CLOSINGS)


CHANGES: dict[str, Change] = {
    "as written": lambda text, chance: text,
    "1 homophone": lambda text, chance: homophones(text, 1, chance),
    "2 homophones": lambda text, chance: homophones(text, 2, chance),
    "1 wrong character": lambda text, chance: misspelt(text, 1, ANY, chance),
    "2 wrong characters": lambda text, chance: misspelt(text, 2, ANY, chance),
    "pinyin": lambda text, chance: pinyin(text),
    "no punctuation": lambda text, chance: _PUNCTUATION.sub("", text),
    "voice style": voice,
}


def counted(draft: Draft, facts: frozenset[int]) -> Counter[str]:
    """What one draft adds to the table."""
    first = draft.entry or (draft.candidates[0].entry if draft.candidates else None)
    answered = draft.outcome is Outcome.ANSWERED
    right = answered and covers(draft.entries, facts)
    served = right or (not answered and covers(draft.choices, facts))
    return Counter(first=first is not None and covers([first], facts), answered=answered, right=right, served=served)


def covers(entries: Iterable[KnownEntry], facts: frozenset[int]) -> bool:
    """Whether one of the entries tells one of the facts asked for."""
    return any(facts.intersection(entry.facts) for entry in entries)


def measure(engine: Engine, rows: list[dict[str, Any]], change: Change) -> Counter[str]:
    """The counts for all questions changed in one way."""
    chance, total = random.Random(20261123), Counter[str]()
    for row in rows:
        draft = engine.answer(change(row["text"], chance), date.fromisoformat(row["as_of"]))
        total += counted(draft, frozenset(row["facts"]))
    return total


def main(questions: Path) -> None:
    """Print the table."""
    rows = [json.loads(line) for line in questions.read_text("utf-8").splitlines() if line.strip()]
    answerable = [row for row in rows if row["kind"] == "answerable"]
    starter = read_base(DATA)
    known = Snapshot(1, known_entries(starter, {}), starter.vocabulary)
    engine = Engine(known, region="威海", provisional=True)
    sys.stdout.write(
        f"{len(answerable)} answerable questions\n{'':20} {'acc@1 %':>8} {'answered':>8} {'right':>6} {'served':>7}\n"
    )
    for name, change in CHANGES.items():
        total = measure(engine, answerable, change)
        share = 100 * total["first"] / max(len(answerable), 1)
        sys.stdout.write(f"{name:20} {share:8.1f} {total['answered']:8} {total['right']:6} {total['served']:7}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
