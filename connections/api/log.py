"""Logs without what must not be in them."""

import logging
import re

_QUERY = re.compile(r"\?[^\s\"]*")


class WithoutQuery(logging.Filter):
    """Cut the query off the request lines that a server logs: an API request's may hold a pre-shared key."""

    def filter(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(_QUERY.sub("?…", one) if isinstance(one, str) else one for one in record.args)
        return True
