"""The text of the six parts: our default wording with the figures filled in, and the office's own words.

The wording stands in templates/prose. What the office writes (table report_text) replaces the default for parts that
only the office can describe, and follows the figures in the others. A text kept under `KEY:whole`, as the desk writes
it, replaces the part altogether. Nothing in these texts is read as a template but the tokens of figures (tokens.py).
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from admin.report.claims import LAWSUITS, REVIEW
from admin.report.figures import READING_LABELS, Figure
from admin.report.form import Form
from admin.report.records import Records
from admin.report.tokens import as_token, filled, marked
from admin.report.values import NOT_RECORDED, Value, in_wan, is_number, shown, total
from knowledge import clock
from knowledge.settings import Settings

# Where the office's text stands: instead of the default, before the figures, or after them.
REPLACES, BEFORE, AFTER = "replaces", "before", "after"
PLACES = {
    "overview": REPLACES,
    "overview.proactive": AFTER,
    "overview.requests": AFTER,
    "overview.management": REPLACES,
    "overview.platform": BEFORE,
    "overview.assurance": REPLACES,
    "proactive": AFTER,
    "requests": AFTER,
    "disputes": AFTER,
    "problems": REPLACES,
    "other": AFTER,
}
WHOLE = ":whole"
NO_DEFAULT = ("proactive", "requests", "disputes", "other")  # below a table, and after the fee statement
OUTCOMES = ("予以公开", "部分公开", "不予公开", "无法提供", "不予处理", "其他处理")
FEE_TITLE, MORE_TITLE = "（一）信息处理费收取情况", "（二）其他事项"

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    keep_trailing_newline=False,
)
TEMPLATES.filters.update(shown=shown, wan=in_wan)
# The same wording with the tokens of the figures instead of their values: what an editor begins with.
TOKEN_TEMPLATES = TEMPLATES.overlay()
TOKEN_TEMPLATES.filters = {**TEMPLATES.filters, "shown": as_token, "wan": lambda value: as_token(value, wan=True)}


@dataclass(frozen=True)
class Part:
    """Paragraphs under a heading; no heading for the opening of a section."""

    key: str
    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """One of the six parts of the report; in those with a table, `notes` stand below it."""

    key: str
    title: str
    parts: tuple[Part, ...]
    table: str = ""
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All its words but the headings, a paragraph a line."""
        return "\n".join([*(words for part in self.parts for words in part.paragraphs), *self.notes])


@dataclass(frozen=True)
class Office:
    """Who reports, in the words the text uses."""

    name: str
    self: str
    portal: str
    places: tuple[str, ...]
    contact: tuple[str, ...]

    @classmethod
    def of(cls, settings: Settings) -> "Office":
        """Take the office from the settings; what is not set is not mentioned."""
        portal = settings.portal_name or "政府门户网站"
        sites = ((portal, settings.portal_site), (f"{settings.office_name}网站", settings.office_site))
        contact = (("地址", settings.office_address), ("电话", settings.office_phone))
        return cls(
            settings.office_name,
            settings.office_self,
            portal,
            tuple(f"{name}（{site}）" for name, site in sites if site),
            tuple(f"{name}：{value}" for name, value in contact if value),
        )


class Writer:
    """Writes the text of one report."""

    def __init__(self, form: Form, office: Office, records: Records, figures: Mapping[str, Figure]) -> None:
        self.form = form
        self.office = office
        self.texts = records.texts
        self.figures = figures
        self.values = {key: figure.value for key, figure in figures.items()}
        self.context = {
            "year": records.year,
            "form": form,
            "office": office,
            "value": lambda key: marked(self._value(key), key),
            "outcomes": self._outcomes(),
            "review": self._sum(REVIEW),
            "lawsuits": self._sum(LAWSUITS),
            "has_ledger": any(tally.count for tally in records.ledger.values()),
            **self._followers(records),
        }

    def preface(self) -> tuple[str, ...]:
        """What stands before part one: legal basis, period, where to read it, whom to ask."""
        return self._default("preface")

    def sections(self) -> tuple[Section, ...]:
        """The six parts, in the order of the form."""
        return tuple(self._section(title.key, title.title, title.table) for title in self.form.sections)

    def draft(self, key: str, *, fresh: bool = False) -> str:
        """What an editor of a part begins with: its default wording with tokens, and the office's words in their place.

        `fresh`: leaving out what was saved at the desk.
        """
        own = self.texts.get(key, "").strip()
        if f"{key}{WHOLE}" in self.texts and not fresh:
            return self.texts[f"{key}{WHOLE}"]
        if own and PLACES[key] == REPLACES:
            return own
        default = "" if key in NO_DEFAULT else "\n".join(self._default(key, TOKEN_TEMPLATES))
        parts = (own, default) if PLACES[key] == BEFORE else (default, own)
        return "\n".join(part for part in parts if part)

    def words(self, key: str) -> tuple[str, ...]:
        """A part as it is printed; of those without a default only what the office wrote."""
        return self._own(key) if key in NO_DEFAULT else self._paragraphs(key)

    def _section(self, key: str, title: str, table: str) -> Section:
        if table:
            return Section(key, title, (), table, self._own(key))
        if key == "overview":
            parts = [Part(part.key, part.title, self._paragraphs(part.key)) for part in self.form.overview_parts]
            return Section(key, title, (Part(key, "", self._paragraphs(key)), *parts))
        if key == "other":
            fee, more = Part(key, FEE_TITLE, self._default(key)), Part(key, MORE_TITLE, self._own(key))
            return Section(key, title, (fee, more) if more.paragraphs else (fee,))
        return Section(key, title, (Part(key, "", self._paragraphs(key)),))

    def _paragraphs(self, key: str) -> tuple[str, ...]:
        own = self._own(key)
        if f"{key}{WHOLE}" in self.texts:
            return own
        if own and PLACES[key] == REPLACES:
            return own
        default = self._default(key)
        return (*own, *default) if PLACES[key] == BEFORE else (*default, *own)

    def _own(self, key: str) -> tuple[str, ...]:
        text = filled(self.texts.get(f"{key}{WHOLE}", self.texts.get(key, "")), self.values)
        return tuple(line.strip() for line in text.splitlines() if line.strip())

    def _default(self, key: str, templates: Environment = TEMPLATES) -> tuple[str, ...]:
        """A blank line in a template ends a paragraph; other line breaks are only for its reader."""
        text = templates.get_template(f"prose/{key}.txt").render(self.context)
        paragraphs = ("".join(line.strip() for line in block.splitlines()) for block in re.split(r"\n\s*\n", text))
        return tuple(words for words in paragraphs if words)

    def _value(self, key: str) -> Value:
        return self.figures[key].value

    def _sum(self, keys: tuple[str, ...]) -> Value:
        return marked(total(self._value(key) for key in keys), *keys)

    def _outcomes(self) -> list[tuple[str, Value]]:
        """The six groups of results with their sums; those that came to nothing are not mentioned."""
        keys = {
            name: tuple(f"t3.{row.key}.total" for row in self.form.results if name in row.path[1]) for name in OUTCOMES
        }
        sums = [(name, self._sum(keys[name])) for name in OUTCOMES]
        return [(name, value) for name, value in sums if is_number(value) and value]

    def _followers(self, records: Records) -> dict[str, Any]:
        by_day: dict[str, list[tuple[str, Value]]] = defaultdict(list)
        unread = [name for key, name in READING_LABELS.items() if self._value(key) is NOT_RECORDED]
        for key, name in READING_LABELS.items():
            reading = records.readings.get(key)
            day = reading.day if reading else date(records.year, 12, 31)
            if is_number(self._value(key)):
                by_day[clock.in_words(day)].append((name, marked(self._value(key), key)))
        return {"followers": list(by_day.items()), "unread": unread}
