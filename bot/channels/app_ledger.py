"""What the office's own programs made public, put on the ledger by signed requests (docs/ledger.md)."""

from collections.abc import Iterator

from aiohttp import web

from bot.channels import api, app
from bot.channels.app_shapes import LedgerLineIn, LedgerLinesIn, LedgerLinesOut, LedgerRecordedOut
from bot.channels.app_work import APPS
from knowledge.disclosing import sent
from knowledge.disclosing.lines import Fault, Hand, line_of
from knowledge.disclosing.sent import BY, Marked
from knowledge.disclosing.words import FIELDS
from knowledge.errors import BadInputError, NotFoundError
from knowledge.ledger import Line
from knowledge.vocabulary import REPLY_KIND

MOST_FAULTS = 10  # named in one answer
REPLIES = frozenset(REPLY_KIND.values())


async def record(request: web.Request) -> web.Response:
    """POST /app/{app}/ledger: lines for the ledger; 201 with their numbers, the same for each retry."""
    name, given = await app.signed(request, LedgerLinesIn)
    work = request.app[APPS]
    if not work.accounts[name].may_record:
        raise NotFoundError("这个应用没有登记台账的权限；需要的话，请在设置里为它填 may_record = true。")
    hand = Hand(BY + name, work.service.now())
    lines = _checked(given.lines, hand)
    numbers = await sent.record(work.service.database, name, lines, hand)
    recorded = [LedgerRecordedOut(id=one.mark, seq=seq) for one, seq in zip(lines, numbers, strict=True)]
    return api.as_json(LedgerLinesOut(lines=recorded), 201)


def _checked(given: list[LedgerLineIn], hand: Hand) -> list[Marked]:
    """All lines, or BadInputError that names every fault (the first of many) and points at the first."""
    made, wrong, seen = [], [], dict[str, int]()
    for index, one in enumerate(given):
        line, faults = line_of(_written(one), hand)
        faults = [*faults, *_own_rules(one, line, seen)]
        seen.setdefault(one.id, index)
        wrong += [(index, fault) for fault in faults]
        if line:
            made.append(Marked(one.id, line))
    if wrong:
        raise BadInputError(_told(wrong), f"lines.{wrong[0][0]}.{wrong[0][1].field}")
    return made


def _own_rules(one: LedgerLineIn, line: Line | None, seen: dict[str, int]) -> Iterator[Fault]:
    if one.id in seen:
        yield Fault("id", f"与第 {seen[one.id] + 1} 条相同，每条要有自己的 id")
    if line and line.kind in REPLIES:
        yield Fault("kind", "留言的答复由本系统发出时自动登记，不能从接口登记")


def _written(one: LedgerLineIn) -> dict[str, str]:
    return {field: str(value) for field, value in one.model_dump(exclude={"id"}).items()}


def _told(wrong: list[tuple[int, Fault]]) -> str:
    named = [f"第 {index + 1} 条的{FIELDS.get(one.field, one.field)}：{one.say}" for index, one in wrong[:MOST_FAULTS]]
    more = f"；还有 {len(wrong) - MOST_FAULTS} 处" if len(wrong) > MOST_FAULTS else ""
    return f"{'；'.join(named)}{more}。全部没有登记。"
