"""The reference pages of docs/, written from the code: `make docs` (python -m admin.reference)."""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import annotated_types
import click
from aiohttp import web
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from admin import permissions
from admin.__main__ import main as command_line
from admin.auth import Route
from admin.routes import ROUTES as STAFF_ROUTES
from bot.site import ROUTES as PUBLIC_ROUTES
from knowledge.channel_settings import AppAccount, WeChatAccount
from knowledge.settings import CONFIG_NAME, PREFIX, Settings, secret_names
from knowledge.staff_settings import StaffSettings
from knowledge.vocabulary import Labelled, Role

DOCS = Path(__file__).parent.parent / "docs"
WRITTEN = "<!-- Written from the code by `make docs`; edit the code instead. -->"
PROGRAM = "zhengwen"


def settings_page() -> str:
    """docs/settings.md: every setting with its variable, default and meaning."""
    rows = [
        (f"`{PREFIX}{name.upper()}`", f"`{name}`", _kind(field), _default(field), field.description or "")
        # Inherited fields come first in pydantic's list; whoever reads wants the data folder first.
        for name, field in sorted(Settings.model_fields.items(), key=lambda one: one[0] in StaffSettings.model_fields)
    ]
    secrets = ", ".join(f"`{PREFIX}{name.upper()}_FILE`" for name in secret_names())
    return _page(
        "Settings",
        "A setting is an environment variable, or the same name in a TOML file: "
        f"`{CONFIG_NAME}` in the data folder, or the file named by `{PREFIX}CONFIG`. The environment wins. "
        "An unknown name or an unsafe value stops the start with a sentence that says what to do.",
        f"A secret may stand in a file of its own, named by {secrets}.",
        _table(("Variable", "In TOML", "Kind", "Default", "Meaning"), rows),
        "## `[[wechat]]`: one WeChat official account each\n\nOnly in the TOML file. Each secret may stand in a file of "
        "its own: `token_file`, `aes_key_file`, `previous_aes_key_file`, `secret_file`. See [WeChat](wechat.md).",
        _table(
            ("In `[[wechat]]`", "Default", "Meaning"),
            [_of_account(*item) for item in WeChatAccount.model_fields.items()],
        ),
        "## `[[app]]`: one app of the office's own each\n\nOnly in the TOML file. Each secret may stand in a file of its "
        "own: `secret_file`, `previous_secret_file`. See [Apps](app.md).",
        _table(
            ("In `[[app]]`", "Default", "Meaning"), [_of_account(*item) for item in AppAccount.model_fields.items()]
        ),
    )


def commands_page() -> str:
    """docs/commands.md: every command with its arguments and options."""
    parts = [_command(path, command) for path, command in _commands(command_line, PROGRAM)]
    return _page(
        "Commands",
        f"The program is `.venv/bin/{PROGRAM}` after `make install`. Commands read the same [settings](settings.md) as "
        "the service. An error a person can mend is one sentence on stderr and exit code 1; a wrong call is exit code 2.",
        *parts,
    )


def routes_page() -> str:
    """docs/routes.md: every route of both sites, and who may use the staff routes."""
    public = [_public(route) for route in PUBLIC_ROUTES if isinstance(route, web.RouteDef)]
    return _page(
        "Routes",
        "Two sites on two ports; a path of one does not exist on the other.",
        "## Public site (port 8080)\n\nOpen to everybody. Static files are under `/static/`. The JSON API describes "
        "itself at `/api/v1/openapi.json`.",
        _table(("Method", "Path", "Purpose"), public),
        "## Staff site (port 8081, this machine only unless set otherwise)\n\nEvery route demands sign-in and one of "
        "the roles named, except those open to strangers; every POST also demands the form's CSRF token.",
        _table(("Method", "Path", "Roles", "Purpose"), [_staff(route) for route in STAFF_ROUTES]),
    )


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "commands.md": commands_page,
    "routes.md": routes_page,
}


def main() -> None:
    """Write all reference pages."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), "utf-8")
        click.echo(f"docs/{name}")


def _page(title: str, *parts: str) -> str:
    return "\n\n".join((WRITTEN, f"# {title}", *parts)) + "\n"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    cells = [tuple(head), *(tuple(row) for row in rows)]
    lines = ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in cells]
    return "\n".join([lines[0], "|" + " --- |" * len(cells[0]), *lines[1:]])


def _kind(field: FieldInfo) -> str:
    if field.annotation in (tuple[WeChatAccount, ...], tuple[AppAccount, ...]):
        return "tables, only in the file"
    if isinstance(field.annotation, type) and issubclass(field.annotation, Labelled):
        return " or ".join(field.annotation)
    names: dict[type, str] = {str: "text", int: "whole number", float: "number", bool: "true or false", Path: "folder"}
    kind = names[field.annotation] if isinstance(field.annotation, type) else "secret text"
    limits = [text for rule in field.metadata for text in _limit(rule)]
    return f"{kind}, {', '.join(limits)}" if limits else kind


def _of_account(name: str, field: FieldInfo) -> tuple[str, str, str]:
    default = (
        "required" if field.is_required() else _default(field) if isinstance(field.default, bool | str | int) else "—"
    )
    return f"`{name}`", default, field.description or ""


def _limit(rule: object) -> Iterator[str]:
    match rule:
        case annotated_types.Ge(ge):
            yield f"at least {ge}"
        case annotated_types.Gt(gt):
            yield f"more than {gt}"
        case annotated_types.Le(le):
            yield f"at most {le}"
        case annotated_types.Lt(lt):
            yield f"less than {lt}"
        case annotated_types.MinLen(length):
            yield f"at least {length} character{'s' if length > 1 else ''}"


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None or value in ("", ()) or isinstance(value, SecretStr):
        return "—"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in sorted(command.list_commands(context)):
        if found := command.get_command(context, name):
            yield from _commands(found, f"{path} {name}")


def _command(path: str, command: click.Command) -> str:
    arguments = [p.make_metavar(click.Context(command)) for p in command.params if isinstance(p, click.Argument)]
    options = [p for p in command.params if isinstance(p, click.Option)]
    usage = " ".join([path, *(["[OPTIONS]"] if options else []), *arguments])
    text = f"## `{path}`\n\n{_paragraphs(command.help)}\n\n```sh\n{usage}\n```"
    if not options:
        return text
    return text + "\n\n" + _table(("Option", "Meaning", "Default"), [_option(command, option) for option in options])


def _option(command: click.Command, option: click.Option) -> tuple[str, str, str]:
    value = "" if option.is_flag else " " + option.make_metavar(click.Context(command))
    more = " May be given several times." if option.multiple else ""
    needed = " Required." if option.required else ""
    default = f"`{option.default}`" if isinstance(option.default, str | int) and not option.is_flag else "—"
    return (
        f"`{', '.join([*option.opts, *option.secondary_opts])}{value}`",
        f"{option.help or ''}{more}{needed}",
        default,
    )


def _public(route: web.RouteDef) -> tuple[str, str, str]:
    return route.method, f"`{route.path}`", _purpose(route.handler)


def _staff(route: Route) -> tuple[str, str, str, str]:
    if route.needs is None:
        roles = "open to strangers"
    elif len(permissions.holders(route.needs)) == len(Role):
        roles = "all staff"
    else:
        roles = ", ".join(role.value for role in permissions.holders(route.needs))
    return route.method, f"`{route.path}`", roles, _purpose(route.handler)


def _purpose(handler: object) -> str:
    sentence = (handler.__doc__ or "").strip().split("\n")[0]
    return re.sub(r"^(GET|POST) \S+: ", "", sentence)  # the table has a column for that


def _paragraphs(text: str | None) -> str:
    return " ".join((text or "").replace("\b", "").split())


if __name__ == "__main__":
    main()
