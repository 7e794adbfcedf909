"""Every route of the staff site in one list, and the permission each demands of who asks."""

from aiohttp import web

from admin import (
    case_desk,
    desk,
    desk_after,
    desk_review,
    pages_account,
    pages_audit,
    pages_case_papers,
    pages_cases,
    pages_channels,
    pages_factor,
    pages_figures,
    pages_ledger,
    pages_ledger_import,
    pages_ledger_lines,
    pages_metrics,
    pages_people,
    pages_phrases,
    pages_queue,
    pages_report,
    pages_site,
    pages_texts,
)
from admin import pages_frame as frame
from admin.auth import Route
from admin.library.routes import LIBRARY_ROUTES
from admin.pages_ledger_import import UPLOAD_MAX
from admin.permissions import Permission

OPEN_TO_STRANGERS = None
CASE = r"/cases/{id:\d{1,15}}"
QUESTION = r"/questions/{id:\d{1,15}}"
CHANNEL = r"/channels/{channel:board|wechat:[a-z0-9-]{1,32}}"
DELIVERY = r"/deliveries/{id:\d{1,15}}"
LINE = r"/ledger/lines/{seq:\d{1,15}}"
YEAR = r"/report/{year:20\d\d}"
FIGURE = YEAR + r"/figures/{key:[a-z0-9_.]{1,80}}"
PART = YEAR + r"/text/{part:[a-z.]{1,40}}"
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
    Route("GET", "/", pages_queue.queue_page, Permission.READ),
    Route("POST", "/assign", pages_queue.assign, Permission.HANDLE),
    Route("GET", "/answered", desk.answered_page, Permission.READ),
    Route("GET", QUESTION, desk.question_page, Permission.READ),
    Route("GET", QUESTION + "/sent", desk.sent_page, Permission.READ),
    Route("POST", QUESTION + "/use", desk.use, Permission.HANDLE),
    Route("POST", QUESTION + "/draft", desk.save_draft, Permission.HANDLE),
    Route("POST", QUESTION + "/publish", desk.publish, Permission.PUBLISH),
    Route("POST", QUESTION + "/submit", desk_review.submit, Permission.HANDLE),
    Route("POST", QUESTION + "/recall", desk_review.recall, Permission.HANDLE),
    Route("POST", QUESTION + "/pass", desk_review.hand_on, Permission.REVIEW),
    Route("POST", QUESTION + "/return", desk_review.give_back, Permission.REVIEW),
    Route("POST", QUESTION + "/bypass", desk_review.bypass, Permission.REVIEW),
    Route("POST", QUESTION + "/close", desk_after.close, Permission.PUBLISH),
    Route("POST", QUESTION + "/reopen", desk_after.reopen, Permission.AMEND),
    Route("POST", QUESTION + "/correct", desk_after.correct, Permission.AMEND),
    Route("POST", QUESTION + "/withdraw", desk_after.withdraw, Permission.AMEND),
    Route("GET", QUESTION + "/print", desk_after.print_page, Permission.READ),
    Route("POST", QUESTION + "/rank", pages_queue.rank, Permission.HANDLE),
    Route("POST", QUESTION + "/board", desk.show_on_board, Permission.PUBLISH),
    Route("POST", QUESTION + "/original", desk.reveal, Permission.PERSONAL),
    Route("POST", QUESTION + "/attachment", desk.download, Permission.PERSONAL),
    Route("GET", "/phrases", pages_phrases.phrases_page, Permission.READ),
    Route("POST", "/phrases", pages_phrases.add, Permission.HANDLE),
    Route("POST", r"/phrases/{id:\d{1,9}}/away", pages_phrases.put_away, Permission.HANDLE),
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
    Route("GET", "/ledger/export", pages_ledger.export, Permission.READ),
    Route("GET", "/ledger/new", pages_ledger_lines.new_page, Permission.LEDGER),
    Route("POST", "/ledger/new", pages_ledger_lines.record, Permission.LEDGER),
    Route("GET", LINE + "/correct", pages_ledger_lines.correct_page, Permission.CORRECT),
    Route("POST", LINE + "/correct", pages_ledger_lines.correct, Permission.CORRECT),
    Route("GET", "/ledger/import", pages_ledger_import.import_page, Permission.LEDGER),
    Route("POST", "/ledger/import", pages_ledger_import.upload, Permission.LEDGER, body_max=UPLOAD_MAX),
    Route("GET", "/ledger/import/check", pages_ledger_import.check_page, Permission.LEDGER),
    Route("POST", "/ledger/import/check", pages_ledger_import.carry_out, Permission.LEDGER),
    Route("POST", r"/ledger/import/{id:\d{1,9}}/undo", pages_ledger_import.undo, Permission.CORRECT),
    Route("GET", r"/ledger/{seq:\d{1,15}}", pages_ledger.line_page, Permission.READ),
    Route("GET", "/report", pages_report.years_page, Permission.READ),
    Route("GET", YEAR, pages_report.overview_page, Permission.READ),
    Route("GET", YEAR + "/checks", pages_report.checks_page, Permission.READ),
    Route("POST", YEAR + "/reasons", pages_report.explain, Permission.REPORT),
    Route("POST", YEAR + "/review", pages_report.review, Permission.CHECK),
    Route("POST", YEAR + "/return", pages_report.send_back, Permission.CHECK),
    Route("POST", YEAR + "/sign", pages_report.sign, Permission.SIGN),
    Route("POST", YEAR + "/correct", pages_report.correct, Permission.SIGN),
    Route("GET", YEAR + r"/files/{kind:[a-z]{1,8}}", pages_report.draft_file, Permission.READ),
    Route("GET", YEAR + r"/versions/{number:\d{1,4}}/{kind:[a-z]{1,8}}", pages_report.version_file, Permission.READ),
    Route("GET", YEAR + "/site", pages_site.site_page, Permission.READ),
    Route("GET", YEAR + "/figures", pages_figures.figures_page, Permission.READ),
    Route("GET", FIGURE, pages_figures.figure_page, Permission.READ),
    Route("POST", FIGURE, pages_figures.enter, Permission.REPORT),
    Route("GET", YEAR + "/readings", pages_figures.readings_page, Permission.READ),
    Route("POST", YEAR + "/readings", pages_figures.read, Permission.REPORT),
    Route("GET", YEAR + "/text", pages_texts.texts_page, Permission.READ),
    Route("GET", PART, pages_texts.text_page, Permission.READ),
    Route("POST", PART, pages_texts.save, Permission.REPORT),
    Route("POST", PART + "/preview", pages_texts.preview, Permission.REPORT),
    Route("POST", PART + "/insert", pages_texts.insert, Permission.REPORT),
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
    *LIBRARY_ROUTES,
)
