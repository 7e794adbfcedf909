"""The staff site: every route in one list, and what each demands of who asks."""

from aiohttp import web

from admin import (
    auth,
    case_desk,
    desk,
    desk_after,
    desk_review,
    pages_account,
    pages_case_papers,
    pages_cases,
    pages_channels,
    pages_ledger,
    pages_metrics,
    pages_people,
    pages_phrases,
    pages_queue,
)
from admin import pages_frame as frame
from admin.auth import Route
from bot.service import Service
from bot.watch import watched
from bot.web import BODY_MAX, SERVICE, error_pages, security_headers
from knowledge.vocabulary import Role

OPEN_TO_STRANGERS = None
EVERYBODY = tuple(Role)
ADMINISTRATORS = (Role.ADMINISTRATOR,)
REVIEWERS = (Role.REVIEWER, Role.ADMINISTRATOR)
CASE = r"/cases/{id:\d{1,15}}"
QUESTION = r"/questions/{id:\d{1,15}}"
CHANNEL = r"/channels/{channel:board|wechat:[a-z0-9-]{1,32}}"
DELIVERY = r"/deliveries/{id:\d{1,15}}"
ACCOUNT = r"/staff/{username:[a-z][a-z0-9._-]{1,31}}"


async def alive(request: web.Request) -> web.StreamResponse:
    """The process answers."""
    return web.Response(text="ok")


# Every POST demands the CSRF token, too, except sign-in, which has no session yet (it checks where it was sent from).
ROUTES = (
    Route("GET", "/health/live", alive, OPEN_TO_STRANGERS),
    Route("GET", "/metrics", pages_metrics.metrics_page, OPEN_TO_STRANGERS),
    Route("GET", r"/static/{name:[a-z0-9._-]+}", frame.static_file, OPEN_TO_STRANGERS),
    Route("GET", "/sign-in", pages_account.sign_in_page, OPEN_TO_STRANGERS),
    Route("POST", "/sign-in", pages_account.sign_in, OPEN_TO_STRANGERS),
    Route("POST", "/sign-out", pages_account.sign_out, EVERYBODY, first=True),
    Route("GET", "/password", pages_account.password_page, EVERYBODY, first=True),
    Route("POST", "/password", pages_account.change_password, EVERYBODY, first=True),
    Route("GET", "/", pages_queue.queue_page, EVERYBODY),
    Route("POST", "/assign", pages_queue.assign, EVERYBODY),
    Route("GET", "/answered", desk.answered_page, EVERYBODY),
    Route("GET", QUESTION, desk.question_page, EVERYBODY),
    Route("GET", QUESTION + "/sent", desk.sent_page, EVERYBODY),
    Route("POST", QUESTION + "/use", desk.use, EVERYBODY),
    Route("POST", QUESTION + "/draft", desk.save_draft, EVERYBODY),
    Route("POST", QUESTION + "/publish", desk.publish, EVERYBODY),
    Route("POST", QUESTION + "/submit", desk_review.submit, EVERYBODY),
    Route("POST", QUESTION + "/pass", desk_review.hand_on, REVIEWERS),
    Route("POST", QUESTION + "/return", desk_review.give_back, REVIEWERS),
    Route("POST", QUESTION + "/recall", desk_review.recall, EVERYBODY),
    Route("POST", QUESTION + "/bypass", desk_review.bypass, REVIEWERS),
    Route("POST", QUESTION + "/close", desk_after.close, EVERYBODY),
    Route("POST", QUESTION + "/reopen", desk_after.reopen, REVIEWERS),
    Route("POST", QUESTION + "/correct", desk_after.correct, REVIEWERS),
    Route("POST", QUESTION + "/withdraw", desk_after.withdraw, REVIEWERS),
    Route("GET", QUESTION + "/print", desk_after.print_page, EVERYBODY),
    Route("POST", QUESTION + "/board", desk.show_on_board, EVERYBODY),
    Route("POST", QUESTION + "/rank", pages_queue.rank, EVERYBODY),
    Route("POST", QUESTION + "/original", desk.reveal, EVERYBODY),
    Route("GET", "/phrases", pages_phrases.phrases_page, EVERYBODY),
    Route("POST", "/phrases", pages_phrases.add, EVERYBODY),
    Route("POST", r"/phrases/{id:\d{1,9}}/away", pages_phrases.put_away, EVERYBODY),
    Route("GET", "/cases", pages_cases.register, EVERYBODY),
    Route("POST", "/cases", case_desk.register, EVERYBODY),
    Route("GET", "/cases/new", pages_cases.new_page, EVERYBODY),
    Route("GET", "/cases/fees", pages_case_papers.fees_page, EVERYBODY),
    Route("GET", CASE, pages_cases.case_page, EVERYBODY),
    Route("POST", CASE + "/record", case_desk.record, EVERYBODY),
    Route("POST", CASE + "/decide", case_desk.decide, REVIEWERS),
    Route("POST", CASE + "/person", case_desk.reveal, EVERYBODY),
    Route("POST", CASE + "/files", case_desk.attach, EVERYBODY),
    Route("POST", CASE + r"/files/{file:\d{1,15}}", case_desk.take_file, EVERYBODY),
    Route("GET", CASE + "/notice/{step:[a-z_]{1,40}}", pages_case_papers.notice_page, EVERYBODY),
    Route("GET", "/ledger", pages_ledger.ledger_page, EVERYBODY),
    Route("POST", "/ledger/verify", pages_ledger.verify, EVERYBODY),
    Route("GET", "/channels", pages_channels.channels_page, EVERYBODY),
    Route("POST", CHANNEL + "/switch", pages_channels.switch, pages_channels.MAY_SWITCH),
    Route("GET", CHANNEL + "/deliveries", pages_channels.deliveries_page, EVERYBODY),
    Route("POST", DELIVERY + "/again", pages_channels.send_again, EVERYBODY),
    Route("POST", DELIVERY + "/give-up", pages_channels.give_up, EVERYBODY),
    Route("GET", "/staff", pages_people.people_page, ADMINISTRATORS),
    Route("POST", "/staff", pages_people.create, ADMINISTRATORS),
    Route("POST", ACCOUNT + "/reset", pages_people.reset, ADMINISTRATORS),
    Route("POST", ACCOUNT + "/active", pages_people.set_active, ADMINISTRATORS),
    Route("POST", ACCOUNT + "/role", pages_people.set_role, ADMINISTRATORS),
)


def staff_app(service: Service) -> web.Application:
    """The staff site over a running service; whoever starts the service also stops it."""
    app = web.Application(
        middlewares=[
            watched("staff", service.metrics),
            security_headers(service.settings),
            error_pages(frame.error_page),
            auth.load_person,
        ],
        client_max_size=BODY_MAX,
    )
    app[SERVICE] = service
    app[frame.TEMPLATES] = frame.environment()
    app[auth.SIGN_INS] = auth.SignIns()
    for route in ROUTES:
        app.router.add_route(route.method, route.path, auth.guard(route))
    return app
