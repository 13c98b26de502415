"""Measure what the main pages transfer, compressed, with an empty and a full cache.

`tests/console/test_weight.py` checks the budgets; python3 dev.py test -s tests/console/test_weight.py
prints the table of docs/page-weight.md.
"""

import gzip
import re
from dataclasses import dataclass

from django.contrib.staticfiles import finders
from django.test import Client

from vpnconsole.static_files import without_comments

# The compression of WhiteNoise and of the middleware.
LEVEL = 9


@dataclass(frozen=True)
class Weight:
    """Transferred bytes without headers, and their parts."""

    page: int
    assets: int
    files: int
    elements: int

    @property
    def first(self) -> int:
        return self.page + self.assets

    @property
    def warm(self) -> int:
        return self.page


def static_files(html: str) -> list[str]:
    """Paths of the static files that a page loads."""
    return sorted(set(re.findall(r'(?:src|href)="/static/([^"?]+)"', html)))


def foreign(html: str) -> list[str]:
    """Addresses that a page would load from other hosts. Links don't count."""
    return re.findall(r'(?:src="|<link[^>]*href=")((?:https?:)?//[^"]+)"', html)


def weigh(client: Client, address: str) -> Weight:
    answer = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200, address
    assert answer.headers["Content-Encoding"] == "gzip", address
    html = gzip.decompress(answer.content).decode()
    assert foreign(html) == [], address
    names = static_files(html)
    assets = 0
    for name in names:
        with open(finders.find(name), "rb") as file:
            assets += len(gzip.compress(without_comments(name, file.read()), LEVEL))
    return Weight(len(answer.content), assets, len(names) + 1, html.count("<"))
