"""The statutory clocks of a case (国务院令第711号), each with its article; pure functions over the course and a calendar.

How working days are counted: the day a period begins on is not counted; the days after somebody was asked for an
opinion, up to and with the day the opinion came, are not counted either. An opinion is awaited at most fifteen working
days (条例第三十二条、第三十四条), so that an unanswered request never stops the clock for good.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from knowledge import clock
from knowledge.cases.course import Course
from knowledge.cases.words import FEE_RULES, RECEIPT_DAY, CaseState, Step
from knowledge.clock import WorkingDay

ANSWER_DAYS, EXTENSION_MAX, CORRECTION_DAYS, OPINION_DAYS, FEE_DAYS = 20, 20, 7, 15, 20
WARNING_DAYS = 5  # working days before the end of a period at which it is called near


class Nearness(StrEnum):
    """How a period stands today."""

    STOPPED = "stopped"
    AHEAD = "ahead"
    NEAR = "near"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class Period:
    """One clock of a case: what for, its article, its last day (None while it stands still)."""

    name: str
    article: str
    last: WorkingDay | None
    note: str = ""
    optional: bool = False

    def lapsed(self, today: date) -> bool:
        """Whether it was only a chance to do something, and is over."""
        return self.optional and self.nearness(today) is Nearness.OVERDUE

    def nearness(self, today: date) -> Nearness:
        """Whether it is past, near or ahead."""
        if self.last is None:
            return Nearness.STOPPED
        if self.last.day < today:
            return Nearness.OVERDUE
        return Nearness.NEAR if working_days_between(today, self.last.day) <= WARNING_DAYS else Nearness.AHEAD


def answer_due(course: Course) -> WorkingDay | None:
    """The last day to answer (条例第三十三条); None while the clock stands still for a correction, or nothing came in.

    A correction received begins the period anew (条例第三十条). What came over the net and is not confirmed yet is
    reckoned from the day it was sent, which is never later than the day both sides confirm.
    """
    start = _start(course)
    if start is None or course.waits_for_correction:
        return None
    extended = course.last(Step.EXTENDED)
    return _count(start, ANSWER_DAYS + (extended.days if extended else 0), [*_stops(course, start)])


def periods(course: Course) -> list[Period]:
    """The clocks that run now, the one to answer first."""
    if course.state in (CaseState.ANSWERED, CaseState.DELIVERED, CaseState.VOID):
        return []
    return [_answer_period(course), *_notice(course), *_others(course)]


def lateness(course: Course) -> list[str]:
    """What was not done in time, in words; for the office to see, never hidden."""
    found = []
    due, done = answer_due(course), course.answered
    if done and due and done.day > due.day:
        found.append(f"答复晚于期限（{clock.in_words(due.day)}，条例第三十三条）")
    asked = course.last(Step.CORRECTION_ASKED)
    if asked and course.received:
        last = clock.add_working_days(course.received.day, CORRECTION_DAYS).day
        if asked.day > last:
            found.append(f"补正通知晚于收到之日起{CORRECTION_DAYS}个工作日（{clock.in_words(last)}，条例第三十条）")
    return found


def correction_notice_due(course: Course) -> WorkingDay | None:
    """The last day to ask for a correction, while none was asked for."""
    start = course.received
    if start is None or course.last(Step.CORRECTION_ASKED):
        return None
    return clock.add_working_days(start.day, CORRECTION_DAYS)


def opinion_due(asked: date) -> WorkingDay:
    """The last day for the third party or the other agency, from the day it got the request."""
    return clock.add_working_days(asked, OPINION_DAYS)


def fee_due(asked: date) -> WorkingDay:
    """The last day to pay, from the day the applicant got the notice."""
    return clock.add_working_days(asked, FEE_DAYS)


def working_days_between(first: date, last: date) -> int:
    """Working days after the first day, up to and with the last."""
    days = (first + timedelta(days=number) for number in range(1, (last - first).days + 1))
    return sum(clock.is_working_day(day)[0] for day in days)


def _start(course: Course) -> date | None:
    event = course.last(Step.CORRECTION_RECEIVED) or course.received or course.last(Step.SUBMITTED)
    return event.day if event else None


def _stops(course: Course, start: date) -> Iterator[tuple[date, date]]:
    """Half-open intervals of days that do not count: (asked, answered], never longer than an opinion may take."""
    for opinion in course.opinions:
        end = opinion_due(opinion.asked.day).day
        if opinion.answered:
            end = min(end, opinion.answered.day)
        if end > start:
            yield max(opinion.asked.day, start), end


def _count(start: date, working_days: int, stops: list[tuple[date, date]]) -> WorkingDay:
    day, left, provisional = start, working_days, False
    while left:
        day += timedelta(days=1)
        working, known = clock.is_working_day(day)
        provisional = provisional or not known
        left -= working and not any(first < day <= last for first, last in stops)
    return WorkingDay(day, provisional)


def _answer_period(course: Course) -> Period:
    due, extended = answer_due(course), course.last(Step.EXTENDED)
    note = f"已延长{extended.days}个工作日" if extended else ""
    if due is None:
        note = "等待补正，收到补正之日起重新计算"
    elif course.received is None and course.way:
        note = f"还没有与申请人确认，暂从提交之日算起；条例第三十一条：{course.way.label}的，{RECEIPT_DAY[course.way]}"
    elif course.waits_for_opinion:
        note = f"征求意见所需时间不计算在内，暂按{OPINION_DAYS}个工作日扣除，意见收到后重算"
    elif course.waits_for_fee:
        note = f"没有扣除等待缴费的时间，是否扣除请按{FEE_RULES}核定"
    return Period("答复", "条例第三十三条", due, note)


def _notice(course: Course) -> Iterator[Period]:
    due = correction_notice_due(course)
    if due:
        yield Period("要求补正的，一次性告知", "条例第三十条", due, optional=True)


def _others(course: Course) -> Iterator[Period]:
    asked = course.last(Step.CORRECTION_ASKED)
    if asked and course.waits_for_correction and asked.until:
        note = "逾期无正当理由不补正的，视为放弃申请"
        yield Period("申请人补正", "条例第三十条", WorkingDay(asked.until, provisional=False), note)
    if course.waits_for_opinion:
        due = opinion_due(course.opinions[-1].asked.day)
        yield Period("第三方或其他机关提出意见", "条例第三十二条、第三十四条", due, "逾期未提出的，由本机关决定")
    fee = course.last(Step.FEE_ASKED)
    if fee and course.waits_for_fee:
        note = "逾期未缴纳的，视为放弃申请"
        yield Period("申请人缴费", f"条例第四十二条、{FEE_RULES}", fee_due(fee.day), note)
