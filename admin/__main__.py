"""The command line: `zhengwen COMMAND`; every command is documented in docs/commands.md."""

import sys

import click

from admin.commands.base import ask, evaluate, export_base, import_base
from admin.commands.people import staff
from admin.commands.run import demo, migrate_command, serve
from admin.commands.wechat import wechat
from admin.commands.yearly import report, verify
from knowledge.errors import ZhengwenError


class Commands(click.Group):
    """A group that turns our own errors into one sentence and exit code 1."""

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


for command in (serve, demo, migrate_command, ask, evaluate, import_base, export_base, report, verify, staff, wechat):
    main.add_command(command)

if __name__ == "__main__":
    main()
