"""A case in the database: kept apart, added to, never overwritten; of two clerks one wins."""

import asyncio
from datetime import UTC, date, datetime

import pytest
from sqlmodel import select

from knowledge.cases import forgetting, life, reading
from knowledge.cases.course import Event
from knowledge.cases.deadlines import Nearness
from knowledge.cases.files import File, checked
from knowledge.cases.life import Actor, Applied
from knowledge.cases.words import ApplicantKind, CaseState, Step, Way
from knowledge.db import Database
from knowledge.errors import BadInputError, ConflictError, NotFoundError
from knowledge.tables import AccessRecord, Application, ApplicationEvent, ApplicationPerson

NOON = datetime(2024, 3, 20, 4, 0, tzinfo=UTC)
WANG = Actor("wang", NOON)
APPLIED = Applied("2023年缴存使用情况，我的电话13812345678", "电子邮件", "张三", "身份证 370000", "13812345678")
CAME = Event(1, Step.RECEIVED, date(2024, 3, 1), ApplicantKind.NATURAL, Way.IN_PERSON)
ANSWER = Event(0, Step.ANSWERED, date(2024, 3, 19), choice="open")


async def opened(database: Database, code: str = "123456789012", **more: object) -> int:
    await life.open_case(database, APPLIED, CAME, WANG, code=code, **more)  # type: ignore[arg-type]
    async with database.reading() as session:
        return (await session.exec(select(Application.id).where(Application.code == code))).one() or 0


async def shown(database: Database, number: int) -> reading.CaseDetail:
    async with database.reading() as session:
        return await reading.detail(session, number)


async def test_who_asks_is_kept_apart_and_the_register_holds_masked_words(database: Database) -> None:
    number = await opened(database)
    detail = await shown(database, number)
    assert "13812345678" not in detail.application.asked
    assert "138****5678" in detail.application.asked
    assert detail.has_person
    async with database.reading() as session:
        person = (await session.exec(select(ApplicationPerson))).one()
    assert (person.name, person.asked) == ("张三", APPLIED.asked)


async def test_every_look_at_the_person_is_recorded(database: Database) -> None:
    number = await opened(database)
    assert (await life.reveal(database, number, WANG, "联系补正")).phone == "13812345678"
    async with database.reading() as session:
        look = (await session.exec(select(AccessRecord))).one()
    assert (look.application_id, look.question_id, look.staff, look.why) == (number, None, "wang", "联系补正")


async def test_the_same_submission_twice_is_one_case(database: Database) -> None:
    first = await life.open_case(database, APPLIED, CAME, WANG, code="1" * 12, external_id="x")
    again = await life.open_case(database, APPLIED, CAME, WANG, code="2" * 12, external_id="x")
    assert first == again == "1" * 12
    async with database.reading() as session:
        assert len((await session.exec(select(ApplicationEvent))).all()) == 1


async def test_steps_are_added_and_undone_by_adding(database: Database) -> None:
    number = await opened(database)
    await life.record(database, number, ANSWER, WANG, version=1)
    assert (await shown(database, number)).course.state is CaseState.ANSWERED
    undo = Event(0, Step.UNDONE, date(2024, 3, 20), about=2, text="结果选错")
    await life.record(database, number, undo, WANG, version=2)
    detail = await shown(database, number)
    assert detail.course.state is CaseState.OPEN
    assert [row.seq for row in detail.rows] == [1, 2, 3]
    assert detail.undone == {2}
    await life.record(database, number, ANSWER, WANG, version=3)
    assert (await shown(database, number)).course.state is CaseState.ANSWERED


async def test_of_two_clerks_at_the_same_moment_one_wins(database: Database) -> None:
    number = await opened(database)
    tries = [life.record(database, number, ANSWER, WANG, version=1) for _ in range(4)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(result is None for result in results) == 1
    assert sum(isinstance(result, ConflictError) for result in results) == 3
    assert len((await shown(database, number)).rows) == 2


async def test_a_refused_step_leaves_no_trace(database: Database) -> None:
    number = await opened(database)
    with pytest.raises(BadInputError):
        await life.record(database, number, Event(0, Step.ANSWERED, date(2024, 3, 19), choice="?"), WANG, version=1)
    detail = await shown(database, number)
    assert (detail.application.version, len(detail.rows)) == (1, 1)


async def test_open_cases_are_found_with_their_nearness(database: Database) -> None:
    first, second = await opened(database), await opened(database, "2" * 12)
    await life.record(database, second, ANSWER, WANG, version=1)
    async with database.reading() as session:
        waiting = await reading.all_cases(session, only_open=True)
        everything = await reading.all_cases(session)
    assert [case.id for case in waiting] == [first]
    assert [case.id for case in everything] == [second, first]
    assert waiting[0].nearness(date(2024, 3, 25)) is Nearness.NEAR
    assert reading.counts(everything, date(2024, 4, 1))["overdue"] == 1
    assert [c.id for c in reading.chosen(everything, year=2024, kind=ApplicantKind.NATURAL, words="缴存")] == [
        second,
        first,
    ]
    assert reading.chosen(everything, year=2023, kind=None, words="") == []
    assert [c.id for c in reading.chosen(everything, year=None, kind=None, words="2222 2222 2222")] == [second]


async def test_an_undone_answer_is_open_again_in_the_register(database: Database) -> None:
    number = await opened(database)
    await life.record(database, number, ANSWER, WANG, version=1)
    undo = Event(0, Step.UNDONE, date(2024, 3, 20), about=2, text="结果选错")
    await life.record(database, number, undo, WANG, version=2)
    async with database.reading() as session:
        assert [case.id for case in await reading.all_cases(session, only_open=True)] == [number]


async def test_attachments_are_told_by_their_content_and_lie_apart(database: Database) -> None:
    files = checked([b"%PDF-1.7 x", b"\x89PNG\r\n\x1a\n x"])
    number = await opened(database, files=files)
    detail = await shown(database, number)
    assert [file.media for file in detail.files] == ["application/pdf", "image/png"]
    kept = await life.take_file(database, number, detail.files[0].id, WANG, "核对身份")
    assert kept.content == files[0].content
    with pytest.raises(NotFoundError):
        await life.take_file(database, number + 1, detail.files[0].id, WANG, "核对身份")


@pytest.mark.parametrize("content", [b"", b"<html>", b"MZ\x90", b"GIF89a", b"PK\x03\x04", b"%PDF-" + b"x" * 1_500_001])
def test_other_kinds_and_sizes_of_files_are_refused(content: bytes) -> None:
    with pytest.raises(BadInputError) as refused:
        checked([content])
    assert refused.value.field == "files"


def test_what_passes_is_what_it_says() -> None:
    assert checked([b"\xff\xd8\xff\xe0"]) == [File("image/jpeg", b"\xff\xd8\xff\xe0")]


async def test_who_applied_is_forgotten_when_the_case_is_long_over(database: Database) -> None:
    over, waiting, disputed = [
        await opened(database, code * 12, files=checked([b"%PDF-1.7"])) for code in ("1", "2", "3")
    ]
    for number in (over, disputed):
        await life.record(database, number, ANSWER, WANG, version=1)
    dispute = Event(0, Step.DISPUTE_OPENED, date(2024, 3, 20), choice="review")
    await life.record(database, disputed, dispute, WANG, version=2)
    assert await forgetting.due(database, date(2024, 9, 14), 180) == []
    assert await forgetting.due(database, date(2024, 9, 15), 180) == [over]
    await forgetting.forget(database, [over])
    assert await forgetting.due(database, date(2034, 9, 15), 180) == []
    detail = await shown(database, over)
    assert (detail.has_person, list(detail.files), len(detail.rows)) == (False, [], 2)
    assert (await shown(database, waiting)).has_person
