"""The staff site: every route in one list, and what each demands of who asks."""

from aiohttp import web

from admin import auth, desk, pages_account, pages_ledger, pages_people
from admin import pages_frame as frame
from admin.auth import Route
from admin.library.routes import LIBRARY_ROUTES
from bot.service import Service
from bot.web import BODY_MAX, SERVICE, error_pages, security_headers
from knowledge.vocabulary import Role

OPEN_TO_STRANGERS = None
EVERYBODY = tuple(Role)
ADMINISTRATORS = (Role.ADMINISTRATOR,)
QUESTION = r"/questions/{id:\d{1,15}}"
ACCOUNT = r"/staff/{username:[a-z][a-z0-9._-]{1,31}}"


async def alive(request: web.Request) -> web.StreamResponse:
    """The process answers."""
    return web.Response(text="ok")


# Every POST demands the CSRF token, too, except sign-in, which has no session yet (it checks where it was sent from).
ROUTES = (
    Route("GET", "/health/live", alive, OPEN_TO_STRANGERS),
    Route("GET", r"/static/{name:[a-z0-9._-]+}", frame.static_file, OPEN_TO_STRANGERS),
    Route("GET", "/sign-in", pages_account.sign_in_page, OPEN_TO_STRANGERS),
    Route("POST", "/sign-in", pages_account.sign_in, OPEN_TO_STRANGERS),
    Route("POST", "/sign-out", pages_account.sign_out, EVERYBODY, first=True),
    Route("GET", "/password", pages_account.password_page, EVERYBODY, first=True),
    Route("POST", "/password", pages_account.change_password, EVERYBODY, first=True),
    Route("GET", "/", desk.queue_page, EVERYBODY),
    Route("GET", "/answered", desk.answered_page, EVERYBODY),
    Route("GET", QUESTION, desk.question_page, EVERYBODY),
    Route("GET", QUESTION + "/sent", desk.sent_page, EVERYBODY),
    Route("POST", QUESTION + "/use", desk.use_entry, EVERYBODY),
    Route("POST", QUESTION + "/draft", desk.save_draft, EVERYBODY),
    Route("POST", QUESTION + "/publish", desk.publish, EVERYBODY),
    Route("POST", QUESTION + "/close", desk.close, EVERYBODY),
    Route("POST", QUESTION + "/board", desk.show_on_board, EVERYBODY),
    Route("POST", QUESTION + "/original", desk.reveal, EVERYBODY),
    Route("GET", "/ledger", pages_ledger.ledger_page, EVERYBODY),
    Route("POST", "/ledger/verify", pages_ledger.verify, EVERYBODY),
    Route("GET", "/staff", pages_people.people_page, ADMINISTRATORS),
    Route("POST", "/staff", pages_people.create, ADMINISTRATORS),
    Route("POST", ACCOUNT + "/reset", pages_people.reset, ADMINISTRATORS),
    Route("POST", ACCOUNT + "/active", pages_people.set_active, ADMINISTRATORS),
    Route("POST", ACCOUNT + "/role", pages_people.set_role, ADMINISTRATORS),
    *LIBRARY_ROUTES,
)


def staff_app(service: Service) -> web.Application:
    """The staff site over a running service; whoever starts the service also stops it."""
    app = web.Application(
        middlewares=[security_headers(service.settings), error_pages(frame.error_page), auth.load_person],
        client_max_size=BODY_MAX,
    )
    app[SERVICE] = service
    app[frame.TEMPLATES] = frame.environment()
    app[auth.SIGN_INS] = auth.SignIns()
    for route in ROUTES:
        app.router.add_route(route.method, route.path, auth.guard(route))
    return app
