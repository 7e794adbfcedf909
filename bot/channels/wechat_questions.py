"""A question asked in WeChat: the same journey as on the board, said in the few bytes a chat has room for.

A clarification is a numbered list; the next message picks by number or by the label (a tapped line sends the label).
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import partial

from sqlmodel import select

from bot import codes, following, replies, switches, wording
from bot.answer.split import follows
from bot.channels.wechat_accounts import Account
from bot.channels.wechat_text import BETWEEN, LIMIT, fitted, menu_link, size, tame
from bot.conversations import Known, Waiting
from bot.limits import Limit
from bot.message import checked
from bot.receiving import Decided, Receipt
from bot.service import Service
from knowledge import clock
from knowledge.entries import KnownEntry
from knowledge.errors import BadInputError
from knowledge.tables import Question, Reply
from knowledge.vocabulary import AT_ONCE, Channel, Outcome, QuestionState, Reason, ReplyBy, WeChatTransfer

NUMBER = re.compile(r"第?([0-9一二三四])[个项条号]?")
CHINESE_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4}
GIVEN_AT_ONCE = 2


@dataclass(frozen=True)
class Said:
    """The answer to one push. `code`: the question it is about; `choosing`: the question a choice is awaited for;
    `decided`: the question itself where it is still to be stored, together with the push."""

    text: str = ""
    code: str = ""
    asked: bool = False
    choosing: str = ""
    given: tuple[int, ...] = ()
    heard: bool = False
    follows: bool = False
    decided: Decided | None = None
    transfer: bool = False


class WeChatQuestions:
    """Asks, picks, and words the outcome."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._limit = Limit(service.settings.questions_per_minute, 60)

    async def hear(self, account: Account, mark: str, user_key: str, known: Known, words: str, menu_mark: str) -> Said:
        """Take what somebody typed, tapped or said."""
        words = _typed(words)
        if not words:
            return Said(wording.WECHAT_EMPTY)
        if words.rstrip("。！!.") in wording.WECHAT_FETCH:
            return Said(
                wording.WECHAT_ALL_GIVEN if known.waiting else wording.WECHAT_NOTHING_YET, choosing=known.choosing
            )
        if words == wording.WECHAT_NONE and not known.choosing:
            return Said(wording.WECHAT_BUTTON)  # tapped in a list that is long settled
        if known.choosing:
            question = await self._open_choice(known.choosing)
            pick = _picked(words, menu_mark, question) if question else None
            if question and pick is not None:
                return await self._choose(account, question, pick)
        if self._limit.wait(user_key):
            return Said(wording.TOO_OFTEN)
        self._limit.note(user_key)
        topic = await self._topic(user_key) if follows(words) else ""
        return await self._ask(account, mark, words, topic, together=not known.again)

    async def _topic(self, user_key: str) -> str:
        """What this follower's last question was about, if that was just now."""
        last = await self._service.database.read_rows(partial(following.last_of, user_key=user_key))
        return last.topic(self._service.current.entries, self._service.now()) if last else ""

    async def _ask(self, account: Account, mark: str, words: str, topic: str, *, together: bool) -> Said:
        limit = self._service.settings.max_question_chars
        external_id = f"{account.name}:{mark}"
        switch = self._switch(account)
        if switch.off and not switch.keeps:
            return Said(self.closed(account) + wording.WECHAT_OFF_NOT_KEPT)
        try:
            message = checked(
                text=words,
                channel=Channel.WECHAT,
                max_chars=limit,
                external_id=external_id,
                topic=topic,
                paused=switch.paused,
            )
            decided = await self._service.receiver.decide(message) if together else None
            receipt = decided.receipt if decided else await self._service.receiver.receive(message)
        except BadInputError as error:
            return Said(str(error))
        said = Said(code=receipt.code, asked=True, decided=decided)
        if switch.off:
            return replace(said, text=self._closed_but_kept(account, receipt))
        if receipt.outcome is Outcome.ANSWERED:
            return replace(said, text=self._answer(receipt.reply, receipt.basis, receipt.code, by_staff=False))
        if receipt.outcome is Outcome.CLARIFY:
            return replace(said, text=_choices(account, receipt), choosing=receipt.code)
        if receipt.choices:
            labels = [choice["label"] for choice in receipt.choices]
            return replace(said, text=self._promise(receipt, words) + BETWEEN + _to_read(labels), choosing=receipt.code)
        transfer = passed_on(account, Reason(receipt.reason)) and not switch.paused
        return replace(said, text=self._promise(receipt, words), transfer=transfer)

    def closed(self, account: Account) -> str:
        """What is said while the account is switched off; empty while it is not."""
        switch, settings = self._switch(account), self._service.settings
        if not switch.off:
            return ""
        today = clock.office_day(self._service.now())
        return tame(
            wording.closed(wording.WECHAT_OFF, switch.reason, switch.until, hotline=settings.hotline, now=today)
        )

    def _closed_but_kept(self, account: Account, told: Receipt | Question) -> str:
        settings = self._service.settings
        kept = wording.WECHAT_OFF_KEPT.format(
            code=codes.spoken(told.code), password=wording.QUERY_DIGITS_HERE, url=settings.public_url
        )
        # Who is in danger reads first where help is at once, whatever is switched off.
        danger = Reason(told.reason) in AT_ONCE
        first = wording.DETAILS[Reason(told.reason)].format(hotline=settings.hotline) + "\n\n" if danger else ""
        return first + self.closed(account) + kept

    def _switch(self, account: Account) -> switches.Switch:
        return self._service.switches.of(switches.of_account(account.name))

    async def _open_choice(self, code: str) -> Question | None:
        async with self._service.database.reading() as session:
            question = (await session.exec(select(Question).where(Question.code == code))).one_or_none()
        open_now = question and (question.state == QuestionState.CLARIFYING or following.can_read(question))
        return question if open_now else None

    async def _choose(self, account: Account, question: Question, pick: int) -> Said:
        service, switch = self._service, self._switch(account)
        entry = service.current.entries.get(question.choices[pick - 1]["entry"]) if pick else None
        await replies.choose(
            service.database, question.id or 0, entry, address="", at=service.now(), paused=switch.paused
        )
        async with service.database.reading() as session:
            found = select(Question, Reply).join(Reply, isouter=True).where(Question.id == question.id)
            now, reply = (await session.exec(found)).one()
            change = (await following.last_changes(session, [now.id or 0])).get(now.id or 0)
        if reply:
            reply = following.standing(reply, change) if change else reply
            by_staff = reply.by == ReplyBy.STAFF
            return Said(self._answer(reply.text, reply.basis, now.code, by_staff=by_staff), now.code)
        if now.state == QuestionState.CLOSED:
            return Said(tame(wording.WECHAT_CLOSED.format(note=now.closing_note)), now.code)
        if switch.off:
            return Said(self._closed_but_kept(account, now), now.code)
        if switch.paused:
            return Said(self._promise(now, now.text), now.code)
        today = clock.office_day(service.now())
        read = following.to_read(now, entry.key, service.current.entries, today) if entry else None
        return self._read(now, read) if read else Said(self._promise(now, now.text), now.code)

    def _read(self, question: Question, entry: KnownEntry) -> Said:
        """The text for one of several questions; the others can be read by number as long as they wait for a person."""
        basis = [line.as_json() for line in entry.basis_on(clock.office_day(self._service.now()))]
        text = self._answer(entry.answer, basis, "", by_staff=False, more=wording.REST_TO_STAFF)
        return Said(text, question.code, choosing=question.code)

    def _answer(self, text: str, basis: list[dict[str, str]], code: str, *, by_staff: bool, more: str = "") -> str:
        by = wording.WECHAT_BY_STAFF if by_staff else wording.AUTOMATIC
        grounds = wording.basis_lines(basis)
        tail = tame(grounds + "\n" if grounds else "") + f"（{by}）{more}"
        return fitted(tame(text), tail, self.full_text(code))

    def full_text(self, code: str) -> str:
        """The line that says where the whole of a text that was cut can be read."""
        settings = self._service.settings
        if not code:
            return wording.WECHAT_CUT.format(url=settings.public_url, hotline=settings.hotline)
        return wording.WECHAT_FULL_TEXT.format(
            url=settings.public_url, code=codes.spoken(code), password=wording.QUERY_DIGITS_HERE
        )

    def _promise(self, told: Receipt | Question, asked: str) -> str:
        promise = wording.handed_over(
            Reason(told.reason),
            told.due,
            provisional=told.due_provisional,
            hotline=self._service.settings.hotline,
            text=asked,
        )
        return self._with_code(promise, told.code)

    def _with_code(self, promise: str, code: str) -> str:
        return wording.WECHAT_PROMISE.format(
            promise=promise,
            url=self._service.settings.public_url,
            code=codes.spoken(code),
            password=wording.QUERY_DIGITS_HERE,
        )

    def with_waiting(self, said: Said, waiting: tuple[Waiting, ...]) -> Said:
        """Put answers that could not be pushed before the new one; what does not fit waits for the next message."""
        given = waiting[:GIVEN_AT_ONCE]
        if not given:
            return said
        share = LIMIT // (len(given) + 1)
        blocks = [self.waiting_text(each, share) for each in given]
        left = LIMIT - sum(size(block + BETWEEN) for block in blocks)
        if "<a " in said.text and size(said.text) > left:
            return said  # a list of links is whole or nothing; the earlier answers come with the next message
        now = fitted(said.text, "", self.full_text(said.code), limit=left)
        given_ids = tuple(each.delivery_id for each in given)
        return replace(said, text=BETWEEN.join([*blocks, now]), given=given_ids, transfer=False)

    def waiting_text(self, waiting: Waiting, limit: int) -> str:
        """An answer that comes later than its question, saying which question it belongs to."""
        if waiting.again:
            head = wording.WECHAT_AGAIN
        elif waiting.code:
            head = wording.WECHAT_EARLIER.format(code=codes.spoken(waiting.code))
        else:
            head = wording.WECHAT_EARLIER_PLAIN
        by = f"（{wording.WECHAT_BY_STAFF}）" if waiting.code else ""
        return fitted(
            f"{head}\n{tame(waiting.text) if waiting.code else waiting.text}", by, self._short(waiting), limit
        )

    def _short(self, waiting: Waiting) -> str:
        # The password of this question differs from the one of the answer's own; the code alone has to do.
        return wording.WECHAT_CUT.format(url=self._service.settings.public_url, hotline=self._service.settings.hotline)


def passed_on(account: Account, reason: Reason) -> bool:
    """Whether WeChat's own customer service shall take what goes to a person; danger never waits in another queue."""
    wanted = account.settings.transfer
    if reason in AT_ONCE:
        return False
    return wanted is WeChatTransfer.ALL or (wanted is WeChatTransfer.PERSON and reason is Reason.PERSON)


def _choices(account: Account, receipt: Receipt) -> str:
    labels = [*(choice["label"] for choice in receipt.choices), wording.WECHAT_NONE]
    head = f"{wording.which(labels[:-1])}\n{wording.WECHAT_CHOOSE}"
    plain = "\n".join([head, *(f"{number}. {tame(label)}" for number, label in enumerate(labels, 1))])
    if not account.can_push:
        return plain
    links = [f"{number}. {menu_link(label, f'{receipt.code}-{number}')}" for number, label in enumerate(labels, 1)]
    tappable = "\n".join([head, *links])
    return tappable if size(tappable) <= LIMIT else plain


def _to_read(labels: list[str]) -> str:
    listed = (f"{number}. {tame(label)}" for number, label in enumerate(labels, 1))
    return "\n".join([wording.READ_NOW + wording.WECHAT_CHOOSE, *listed])


def _typed(words: str) -> str:
    """What somebody typed, without the control characters that phones let through."""
    return "".join(sign for sign in words if sign == "\n" or unicodedata.category(sign) != "Cc").strip()


def _picked(words: str, menu_mark: str, question: Question) -> int | None:
    """The number picked, 0 for none of them, None for words that pick nothing. The mark of a menu is not to be trusted."""
    labels = [choice["label"] for choice in question.choices]
    said = unicodedata.normalize("NFKC", words).strip(" .。、!！")
    for number, label in enumerate([*labels, wording.WECHAT_NONE], 1):
        if said == unicodedata.normalize("NFKC", label).strip(" .。、!！") or menu_mark == f"{question.code}-{number}":
            return number if number <= len(labels) else 0
    found = NUMBER.fullmatch(said)
    if not found:
        return None
    number = CHINESE_DIGITS.get(found[1]) or int(found[1])
    if number in (0, len(labels) + 1):
        return 0
    return number if number <= len(labels) else None
