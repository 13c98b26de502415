"""Log lines as JSON objects, one a line, with the request they belong to and without secrets."""

import json
import logging
import re
from datetime import UTC, datetime

from connections.request_context import current

# Strangers write what is logged, addresses above all, and every place of it is looked at: each pattern begins with
# fixed letters and what may follow them is bounded, so that no text takes longer than its length.
_NAMES = (
    r"psk|pre[-_ ]?shared[-_ ]?key|auth[-_]?key|password\d?|passwd|secret(?:[-_]?key)?|access[-_]?key[-_]?secret|token"
    r"|signature|authorization|cookie|sessionid|csrf\w{0,32}|encryption[-_]?keys?"
)
# What a name ends in that is a secret's, a colon or an equals sign, and the value up to where values end.
_SECRET = re.compile(rf"(?i)((?:{_NAMES})[\"']?\s{{0,9}}[:=]\s{{0,9}})([\"']?)((?:Bearer |Basic )?[^\s\"'&,;}}]+)\2")
# Tokens of `connections.persistence.encryption`: nobody can read them, and nobody needs to.
_TOKEN = re.compile(r"gAAAA[\w=-]{20,}")
# Whoever signs in to a database by its address.
_ADDRESS = re.compile(r"(://[^\s:/@]{1,99}:)[^\s@]{1,256}@")


def redacted(text: str) -> str:
    """A text without values of what is named like a secret."""
    text = _SECRET.sub(r"\1\2***\2", text)
    return _ADDRESS.sub(r"\1***@", _TOKEN.sub("***", text))


# What is longer was made by somebody who wants to fill the disk.
MESSAGE, EXCEPTION = 4000, 40_000


def _told(text: str, most: int) -> str:
    """As much of a text as a line of the log takes, without secrets. Of an exception the end says what it is."""
    return redacted(text if len(text) <= most else f"{text[: most // 2]} … {text[-most // 2 :]}")


class JsonFormatter(logging.Formatter):
    """Time, level, logger, message; of a request its ID, method, path, account and user; `extra={"facts": …}` adds."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _told(record.getMessage(), MESSAGE),
        }
        if served := current.get():
            line |= {name: value for name, value in vars(served).items() if value}
        line |= getattr(record, "facts", {})
        if record.exc_info:
            line["exception"] = _told(self.formatException(record.exc_info), EXCEPTION)
        # All else is spelled in ASCII: no character ends a line, or steers a terminal.
        return json.dumps(line, default=str)


class PlainFormatter(logging.Formatter):
    """For a terminal: the line as it is, without secrets, with the request's ID if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        served = current.get()
        return _told(super().format(record), EXCEPTION) + (f" [{served.request_id}]" if served else "")
