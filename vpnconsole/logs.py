"""Log records as lines of JSON, with their request and without secrets."""

import json
import logging
import re
from datetime import UTC, datetime

from connections.request_context import current

# Strangers control parts of log lines, such as URLs. Each pattern begins with fixed letters and bounds what follows, so
# that the time to search a text is linear in its length.
_NAMES = (
    r"psk|pre[-_ ]?shared[-_ ]?key|auth[-_]?key|password\d?|passwd|secret(?:[-_]?key)?|access[-_]?key[-_]?secret|token"
    r"|signature|authorization|cookie|sessionid|csrf\w{0,32}|encryption[-_]?keys?"
)
# The end of a secret's name, a colon or an equals sign, and the value up to its delimiter.
_SECRET = re.compile(rf"(?i)((?:{_NAMES})[\"']?\s{{0,9}}[:=]\s{{0,9}})([\"']?)((?:Bearer |Basic )?[^\s\"'&,;}}]+)\2")
# Tokens of `connections.persistence.encryption`.
_TOKEN = re.compile(r"gAAAA[\w=-]{20,}")
# Passwords in the URLs of databases.
_ADDRESS = re.compile(r"(://[^\s:/@]{1,99}:)[^\s@]{1,256}@")


def redacted(text: str) -> str:
    """A text with the values of secrets replaced by asterisks."""
    text = _SECRET.sub(r"\1\2***\2", text)
    return _ADDRESS.sub(r"\1***@", _TOKEN.sub("***", text))


# Longer texts are cut, so that nobody fills the disk with them.
MESSAGE, EXCEPTION = 4000, 40_000


def _shortened(text: str, most: int) -> str:
    """The beginning and the end of a text, without secrets. The end of a traceback names the exception."""
    return redacted(text if len(text) <= most else f"{text[: most // 2]} … {text[-most // 2 :]}")


class JsonFormatter(logging.Formatter):
    """Time, level, logger, message; of a request its ID, method, path, account and user; `extra={"facts": …}` adds."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _shortened(record.getMessage(), MESSAGE),
        }
        if served := current.get():
            line |= {name: value for name, value in vars(served).items() if value}
        line |= getattr(record, "facts", {})
        if record.exc_info:
            line["exception"] = _shortened(self.formatException(record.exc_info), EXCEPTION)
        # In ASCII, so that no character ends the line or controls a terminal.
        return json.dumps(line, default=str)


class PlainFormatter(logging.Formatter):
    """Plain lines for a terminal, without secrets, with the ID of the request, and its world, if there are any."""

    def format(self, record: logging.LogRecord) -> str:
        served = current.get()
        where = " ".join(filter(None, (served.request_id, served.world))) if served else ""
        return _shortened(super().format(record), EXCEPTION) + (f" [{where}]" if where else "")
