"""The 政府网站工作年度报表 (国办函〔2018〕12号): a form held in data, filled from the figures of the yearly report."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from admin.report.figures import Figure
from admin.report.values import shown
from knowledge.counts import YearCounts
from knowledge.settings import Settings


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Field(_Part):
    """A field: its label and unit, and where its value comes from; from nowhere: the office fills it in."""

    label: str
    unit: str = ""
    figure: str = ""
    count: str = ""
    setting: str = ""
    text: str = ""


class Block(_Part):
    """A block of the form."""

    label: str
    fields: tuple[Field, ...]


class SiteForm(_Part):
    """The whole form; `confirmed` says whether its fields were compared with the original."""

    confirmed: bool
    document: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Filled:
    """A field with its value in words (empty: to be filled in) and the figure behind it."""

    field: Field
    value: str
    figure: Figure | None


@cache
def site_form() -> SiteForm:
    """The form as it lies in site_form.yaml."""
    return SiteForm.model_validate(yaml.safe_load((Path(__file__).parent / "site_form.yaml").read_text("utf-8")))


def fill(figures: Mapping[str, Figure], counts: YearCounts, settings: Settings) -> list[tuple[str, list[Filled]]]:
    """Every block with its fields filled from what is on record."""
    return [
        (block.label, [_filled(field, figures, counts, settings) for field in block.fields])
        for block in site_form().blocks
    ]


def faults(counts: YearCounts) -> list[str]:
    """What cannot be right about the counts of questions, in words."""
    whole = counts.whole
    found = [
        (whole.answered > whole.received, f"办结留言 {whole.answered} 条多于收到留言 {whole.received} 条"),
        (whole.published > whole.answered, f"公开答复 {whole.published} 条多于办结留言 {whole.answered} 条"),
    ]
    return [words for wrong, words in found if wrong]


def _filled(field: Field, figures: Mapping[str, Figure], counts: YearCounts, settings: Settings) -> Filled:
    figure = figures[field.figure] if field.figure else None
    if figure:
        return Filled(field, shown(figure.value), figure)
    if field.count == "mean_days":
        return Filled(field, "—" if counts.mean_days is None else f"{counts.mean_days:.1f}", None)
    if field.count:
        return Filled(field, str(getattr(counts.whole, field.count)), None)
    return Filled(field, str(getattr(settings, field.setting) or "") if field.setting else field.text, None)
