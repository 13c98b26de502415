"""Filters that keep secrets and noise out of the logs."""

import logging
import re

_QUERY = re.compile(r"\?[^\s\"]*")


class NoApiRefusals(logging.Filter):
    """Drop Django's line for a refused API request. The account sees it on its page of requests."""

    def filter(self, record):
        return bool(record.exc_info) or not getattr(getattr(record, "request", None), "is_api", False)


class WithoutQuery(logging.Filter):
    """Remove the query from request lines of a server's log: that of an API request may contain a pre-shared key."""

    def filter(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(_QUERY.sub("?…", part) if isinstance(part, str) else part for part in record.args)
        return True
