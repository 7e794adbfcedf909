"""The staff site: every route in one list, and the permission each demands of who asks."""

from aiohttp import web

from admin import (
    auth,
    case_desk,
    desk,
    pages_account,
    pages_audit,
    pages_case_papers,
    pages_cases,
    pages_channels,
    pages_factor,
    pages_ledger,
    pages_metrics,
    pages_people,
)
from admin import pages_frame as frame
from admin.auth import Route
from admin.permissions import Permission
from bot.service import Service
from bot.watch import watched
from bot.web import BODY_MAX, SERVICE, error_pages, security_headers

OPEN_TO_STRANGERS = None
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
    Route("POST", "/sign-in/code", pages_account.sign_in_code, OPEN_TO_STRANGERS),
    Route("POST", "/sign-out", pages_account.sign_out, Permission.OWN_ACCOUNT, first=True),
    Route("GET", "/password", pages_account.password_page, Permission.OWN_ACCOUNT, first=True),
    Route("POST", "/password", pages_account.change_password, Permission.OWN_ACCOUNT, first=True),
    Route("GET", "/account", pages_factor.account_page, Permission.OWN_ACCOUNT),
    Route("GET", "/account/factor", pages_factor.setup_page, Permission.OWN_ACCOUNT, first=True),
    Route("POST", "/account/factor/start", pages_factor.start, Permission.OWN_ACCOUNT, first=True),
    Route("POST", "/account/factor/confirm", pages_factor.confirm, Permission.OWN_ACCOUNT, first=True),
    Route("POST", "/account/factor/codes", pages_factor.renew_codes, Permission.OWN_ACCOUNT),
    Route("POST", "/account/factor/off", pages_factor.turn_off, Permission.OWN_ACCOUNT),
    Route("POST", "/account/sessions/end", pages_factor.end_session, Permission.OWN_ACCOUNT),
    Route("GET", "/", desk.queue_page, Permission.READ),
    Route("GET", "/answered", desk.answered_page, Permission.READ),
    Route("GET", QUESTION, desk.question_page, Permission.READ),
    Route("GET", QUESTION + "/sent", desk.sent_page, Permission.READ),
    Route("POST", QUESTION + "/use", desk.use_entry, Permission.HANDLE),
    Route("POST", QUESTION + "/draft", desk.save_draft, Permission.HANDLE),
    Route("POST", QUESTION + "/publish", desk.publish, Permission.PUBLISH),
    Route("POST", QUESTION + "/close", desk.close, Permission.PUBLISH),
    Route("POST", QUESTION + "/board", desk.show_on_board, Permission.PUBLISH),
    Route("POST", QUESTION + "/original", desk.reveal, Permission.PERSONAL),
    Route("GET", "/cases", pages_cases.register, Permission.READ),
    Route("POST", "/cases", case_desk.register, Permission.CASES),
    Route("GET", "/cases/new", pages_cases.new_page, Permission.CASES),
    Route("GET", "/cases/fees", pages_case_papers.fees_page, Permission.READ),
    Route("GET", CASE, pages_cases.case_page, Permission.READ),
    Route("POST", CASE + "/record", case_desk.record, Permission.CASES),
    Route("POST", CASE + "/decide", case_desk.decide, Permission.DECIDE),
    Route("POST", CASE + "/person", case_desk.reveal, Permission.PERSONAL),
    Route("POST", CASE + "/files", case_desk.attach, Permission.CASES),
    Route("POST", CASE + r"/files/{file:\d{1,15}}", case_desk.take_file, Permission.PERSONAL),
    Route("GET", CASE + "/notice/{step:[a-z_]{1,40}}", pages_case_papers.notice_page, Permission.READ),
    Route("GET", "/ledger", pages_ledger.ledger_page, Permission.READ),
    Route("POST", "/ledger/verify", pages_ledger.verify, Permission.READ),
    Route("GET", "/channels", pages_channels.channels_page, Permission.READ),
    Route("POST", CHANNEL + "/switch", pages_channels.switch, Permission.SWITCH),
    Route("GET", CHANNEL + "/deliveries", pages_channels.deliveries_page, Permission.READ),
    Route("POST", DELIVERY + "/again", pages_channels.send_again, Permission.HANDLE),
    Route("POST", DELIVERY + "/give-up", pages_channels.give_up, Permission.HANDLE),
    Route("GET", "/staff", pages_people.people_page, Permission.PEOPLE),
    Route("POST", "/staff", pages_people.create, Permission.PEOPLE),
    Route("POST", ACCOUNT + "/reset", pages_people.reset, Permission.PEOPLE),
    Route("POST", ACCOUNT + "/active", pages_people.set_active, Permission.PEOPLE),
    Route("POST", ACCOUNT + "/role", pages_people.set_role, Permission.PEOPLE),
    Route("POST", ACCOUNT + "/department", pages_people.set_department, Permission.PEOPLE),
    Route("POST", ACCOUNT + "/factor", pages_people.reset_factor, Permission.PEOPLE),
    Route("GET", ACCOUNT + "/sessions", pages_people.sessions_page, Permission.PEOPLE),
    Route("POST", ACCOUNT + "/sessions", pages_people.end_sessions, Permission.PEOPLE),
    Route("POST", "/departments", pages_people.add_department, Permission.PEOPLE),
    Route("POST", r"/departments/{id:\d{1,9}}", pages_people.change_department, Permission.PEOPLE),
    Route("GET", "/audit", pages_audit.audit_page, Permission.AUDIT),
    Route("POST", "/audit/export", pages_audit.export, Permission.AUDIT),
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
