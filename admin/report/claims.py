"""Finds in a report's text what it says about applications and disputes, so that C7 can hold it against the tables."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from admin.report.form import CARRIED_IN, CARRIED_OUT, NEW, TOTAL, Form, cells

GAP, UNIT = r"[^，。；：、\d\n]", r"(?:件|条|宗|份|起)"
OUTCOMES = "予以公开|部分公开|不予公开|无法提供|不予处理|其他处理"
FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789", " \t\u3000\u00a0")
NEW_KEY, IN_KEY, OUT_KEY, DONE_KEY = (f"t3.{row}.{TOTAL}" for row in (NEW, CARRIED_IN, CARRIED_OUT, TOTAL))
REVIEW = (f"t4.review.{TOTAL}",)
LAWSUITS = (f"t4.direct.{TOTAL}", f"t4.after_review.{TOTAL}")

ORGANISATIONS = ("commercial", "research", "welfare", "legal", "other")
NEW_NATURAL, IN_NATURAL = (f"t3.{row}.natural" for row in (NEW, CARRIED_IN))
NEW_LEGAL, IN_LEGAL = (tuple(f"t3.{row}.{column}" for column in ORGANISATIONS) for row in (NEW, CARRIED_IN))

Keys = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Claim:
    """A number the text gives, and the sums of cells it may stand for (收到 is used for 一 and for 一＋二)."""

    quote: str
    number: int
    meaning: str
    keys: Keys


# What the text says, in which words, and which cells it must equal; a sentence without a number says 0.
PATTERNS: tuple[tuple[str, str, Keys], ...] = (
    (rf"新收{GAP}{{0,20}}申请{GAP}{{0,6}}?(\d+){UNIT}", "表三第一项总计", ((NEW_KEY,),)),
    (
        rf"(?:收到|受理|收办|接收|接到){GAP}{{0,20}}申请{GAP}{{0,6}}?(\d+){UNIT}",
        "表三第一项（或第一项＋第二项）总计",
        ((NEW_KEY,), (NEW_KEY, IN_KEY)),
    ),
    (rf"未收到{GAP}{{0,6}}公开{GAP}{{0,4}}(?:申请|件)", "表三第一项总计", ((NEW_KEY,),)),
    (rf"上年(?:度)?结转{GAP}{{0,8}}(\d+){UNIT}", "表三第二项总计", ((IN_KEY,),)),
    (rf"转(?:至|到|入)?下(?:一)?年{GAP}{{0,8}}(\d+){UNIT}", "表三第四项总计", ((OUT_KEY,),)),
    (rf"办结{GAP}{{0,10}}申请{GAP}{{0,4}}?(\d+){UNIT}", "表三第三项（七）总计", ((DONE_KEY,),)),
    (rf"行政复议(?:案件|申请)?(\d+){UNIT}", "表四行政复议总计", (REVIEW,)),
    (rf"行政诉讼(?:案件)?(\d+){UNIT}", "表四行政诉讼两项总计之和", (LAWSUITS,)),
    (
        rf"(?<!向)自然人(?:提出|提交)?(?:的)?(?:申请)?(\d+){UNIT}",
        "表三“自然人”列第一项（或第一项＋第二项）",
        ((NEW_NATURAL,), (NEW_NATURAL, IN_NATURAL)),
    ),
    (
        rf"法人(?:或|和|及|、)其他组织(?:提出|提交)?(?:的)?(?:申请)?(\d+){UNIT}",
        "表三“法人或其他组织”五列第一项（或第一项＋第二项）之和",
        (NEW_LEGAL, (*NEW_LEGAL, *IN_LEGAL)),
    ),
    (
        rf"(?:制定|制发|新制发|印发)(?:行政)?规范性文件(\d+){UNIT}",
        "表二行政规范性文件本年制发件数",
        (("t2.normative.made",),),
    ),
    (rf"废止(?:行政)?规范性文件(\d+){UNIT}", "表二行政规范性文件本年废止件数", (("t2.normative.repealed",),)),
    (rf"现行有效(?:的)?(?:行政)?规范性文件(\d+){UNIT}", "表二行政规范性文件现行有效件数", (("t2.normative.valid",),)),
    (r"(?:未发生|没有)[^。；\n]{0,24}行政复议[^。；\n]{0,8}行政诉讼", "表四各项总计之和", ((*REVIEW, *LAWSUITS),)),
)


def find(form: Form, text: str) -> list[Claim]:
    """Every claim of a text, in the order of the patterns; spaces and full-width digits make no difference."""
    bare = text.translate(FULL_WIDTH)
    return [*_by_pattern(form, bare), *_by_outcome(form, bare)]


def _by_pattern(form: Form, text: str) -> Iterator[Claim]:
    for pattern, meaning, keys in PATTERNS:
        if not set(keys[0]) <= set(cells(form)):
            continue  # table two of the older form counts otherwise
        for found in re.finditer(pattern, text):
            number = int(found[1]) if found.re.groups else 0
            yield Claim(found[0], number, meaning, keys)


def _by_outcome(form: Form, text: str) -> Iterator[Claim]:
    for found in re.finditer(rf"(?<!不)({OUTCOMES}){GAP}{{0,4}}?(\d+){UNIT}", text):
        rows = tuple(f"t3.{row.key}.{TOTAL}" for row in form.results if found[1] in row.path[1])
        yield Claim(found[0], int(found[2]), f"表三“{found[1]}”总计之和", (rows,))
