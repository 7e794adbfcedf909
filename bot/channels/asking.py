"""Asking on the board: the form, what becomes of it, and the form again with everything typed whatever goes wrong."""

import hashlib
from typing import Any

from aiohttp import web

from bot import codes, following, wording
from bot.answer.split import follows
from bot.channels import closing, guard
from bot.channels.citizen import follow, promised
from bot.channels.counting import count_question
from bot.channels.frame import AGAIN, show, typed
from bot.channels.home_desk import DESK
from bot.deflection import mark_of
from bot.following import Followed
from bot.message import Message, checked, clean
from bot.receiving import Receipt
from bot.web import SERVICE, TooOftenError, read_form
from knowledge.errors import BadInputError, NotFoundError
from knowledge.masking import mask
from knowledge.vocabulary import Channel, Kind, Outcome

FIELDS = ("text", "kind", "name", "phone", "public", "after", "after_password", "looked", guard.TRAP)
# What makes two sendings of one form the same message; the rest tells only how it was sent.
CONTENT = ("text", "kind", "name", "phone", "public", "after", "after_password")


async def ask_form(request: web.Request) -> web.Response:
    """The question form in full: kinds with what each means, contact, publication."""
    kind = request.query.get("kind", "")
    return show(request, "ask.html", **form_values(request, {"kind": kind if kind in tuple(Kind) else ""}))


async def ask(request: web.Request) -> web.Response:
    """Take a question; a refused one comes back with everything the citizen typed."""
    request[AGAIN] = ask_again
    form = await read_form(request)
    count_question(request)
    closing.refuse_if_closed(request)
    service = request.app[SERVICE]
    guard.check(form, service.key, service.now(), service.settings.form_seconds_min)
    message = _message(request, form, await _before(request, form))
    receipt = await service.receiver.receive(message)
    if form.get("looked") and form.get("token"):
        await request.app[DESK].looks.asked(mark_of(form["token"]))
    return _receipt_page(request, receipt, mask(message.text))


async def ask_again(request: web.Request, status: int, sentence: str, field: str) -> web.Response:
    """The form with what was typed and what to do about it."""
    return show(request, "ask.html", status, **form_values(request, typed(request), sentence, field))


def form_values(request: web.Request, form: dict[str, str], error: str = "", field: str = "") -> dict[str, Any]:
    """What the fields of the form need to be rendered."""
    service = request.app[SERVICE]
    return {
        "form": {name: form.get(name, "") for name in FIELDS},
        "error": error,
        "field": field,
        "token": form.get("token") or guard.new_token(service.key, service.now()),
        "kinds": Kind,
        "about": wording.ABOUT_KINDS,
        "trap": guard.TRAP,
        "wording": wording,
    }


async def _before(request: web.Request, form: dict[str, str]) -> Followed | None:
    """The question this one continues. Where it cannot be found the link is dropped, and the form comes back unlinked."""
    if not form.get("after"):
        return None
    try:
        return await follow(request, form["after"], form.get("after_password", ""))
    except NotFoundError:
        typed(request).update(after="", after_password="")
        raise BadInputError(wording.NOT_LINKED, "after") from None
    except TooOftenError:
        typed(request).update(after="", after_password="")
        raise


def _message(request: web.Request, form: dict[str, str], before: Followed | None) -> Message:
    service = request.app[SERVICE]
    token = clean(form.get("token", ""), "token", "表单")[:64]
    content = "\x00".join(form.get(name, "") for name in CONTENT)
    mark = hashlib.sha256(f"{token}\x00{content}".encode()).hexdigest() if token else None
    topic = ""
    if before and follows(form.get("text", "")):
        topic = following.topic_of(before, service.current.entries, service.now())
    return checked(
        text=form.get("text", ""),
        channel=Channel.BOARD,
        max_chars=service.settings.max_question_chars,
        kind=form.get("kind", ""),
        name=form.get("name", ""),
        phone=form.get("phone", ""),
        public=form.get("public") == "yes",
        external_id=mark,
        topic=topic,
        after=before.question.id if before else None,
        paused=closing.switch_of(request).paused,
    )


def _receipt_page(request: web.Request, receipt: Receipt, asked: str) -> web.Response:
    service = request.app[SERVICE]
    return show(
        request,
        "receipt.html",
        receipt=receipt,
        asked=asked,
        spoken=codes.spoken(receipt.code),
        promise=promised(request, receipt, asked),
        token=guard.new_token(service.key, service.now()),
        outcomes=Outcome,
        wording=wording,
        entry=service.current.entries.get(receipt.entry_key),
    )
