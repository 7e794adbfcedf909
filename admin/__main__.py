"""The command line: `zhengwen COMMAND`; every command is documented in docs/commands.md."""

import importlib
import sys

import click

from knowledge.errors import ZhengwenError

# A command's module is loaded when the command is asked for: the service need not carry what writes Word files.
COMMANDS = {
    "serve": "admin.commands.run:serve",
    "demo": "admin.commands.run:demo",
    "migrate": "admin.commands.run:migrate_command",
    "ask": "admin.commands.base:ask",
    "evaluate": "admin.commands.measure:evaluate",
    "learn": "admin.commands.measure:learn",
    "import": "admin.commands.base:import_base",
    "export": "admin.commands.base:export_base",
    "report": "admin.commands.yearly:report",
    "verify": "admin.commands.yearly:verify",
    "backup": "admin.commands.keep:backup",
    "restore": "admin.commands.keep:restore",
    "doctor": "admin.commands.look:doctor_command",
    "ledger": "admin.commands.ledger:ledger",
    "cases": "admin.commands.cases:cases",
    "staff": "admin.commands.people:staff",
    "wechat": "admin.commands.wechat:wechat",
}


class Commands(click.Group):
    """A group that loads its commands late, and turns our own errors into one sentence and exit code 1."""

    def list_commands(self, context: click.Context) -> list[str]:
        """All of them, in the order people need them."""
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Load one."""
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def invoke(self, context: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(context)
        except ZhengwenError as error:
            click.echo(f"错误：{error}", err=True)
            sys.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="zhengwen", prog_name="zhengwen", message="%(prog)s %(version)s")
def main() -> None:
    """政问：用审定的政策解读答复群众提问，并由台账生成政府信息公开工作年度报告。"""


if __name__ == "__main__":
    main()
