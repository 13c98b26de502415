"""Logs without what must not be in them."""

import logging
import re

_QUERY = re.compile(r"\?[^\s\"]*")


class NoApiRefusals(logging.Filter):
    """Drop Django's line for an API request that was refused: it is on the account's page of requests."""

    def filter(self, record):
        return bool(record.exc_info) or not getattr(getattr(record, "request", None), "is_api", False)


class WithoutQuery(logging.Filter):
    """Cut the query off the request lines that a server logs: an API request's may hold a pre-shared key."""

    def filter(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(_QUERY.sub("?…", one) if isinstance(one, str) else one for one in record.args)
        return True
