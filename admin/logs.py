"""Where log lines go and how they look: lines for people, or one JSON object a line for a collector."""

import logging
import sys

from pythonjsonlogger.json import JsonFormatter

from bot.watch import WithRequestId
from knowledge.vocabulary import LogFormat

LINE = "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"
FIELDS = "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s"
RENAMED = {"asctime": "at", "levelname": "level", "name": "logger"}
MOMENT = "%Y-%m-%dT%H:%M:%S%z"


def begin(form: LogFormat) -> None:
    """Log to standard error from here on, unless whoever embeds us logs already. A line break within a message is never the end of a line of the log."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(WithRequestId())
    if form is LogFormat.JSON:
        handler.setFormatter(JsonFormatter(FIELDS, MOMENT, rename_fields=RENAMED, json_ensure_ascii=False))
    else:
        handler.setFormatter(OneLine(LINE, MOMENT))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("alembic").setLevel(logging.WARNING)


class OneLine(logging.Formatter):
    """What a stranger put into a message cannot look like a line of its own; traces of errors keep their lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The line without its trace."""
        return super().formatMessage(record).replace("\r", "\\r").replace("\n", "\\n")
