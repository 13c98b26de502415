"""Scenarios about how much there is: nothing, a little, pages, a crowd, and texts that are hard to show."""

import json
import os

from connections.documents import import_text
from connections.messages import message as _
from vpnconsole.kit.scenarios.building import (
    Scenario,
    actor,
    ago,
    cen,
    connection,
    gateway,
    load_accounts,
    load_demo,
    router,
)

# Of `crowded`. Smaller where a template has to be made quickly.
CROWD = int(os.environ.get("KIT_CROWD", "5000"))
# Connections that one document creates: documents have at most 4,000 entries.
_AT_ONCE = 500
PAGES = 45

# Texts that break out of their place if a page, a file or a program does not treat them as text.
HOSTILE = (
    "n" * 100,
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>' OR 1=1 --",
    '=HYPERLINK("ftp://example.com","here")',
    "+49 40 1234 - @SUM(A1:A9)",
    "{{ 7*7 }} ${7*7} {% now %} %s %(name)s",
    "המבורג Hamburg 123",
    "раris-branch",
    "paris－branch",
    "🚢 港口 hafen ميناء",
    "Ｆｕｌｌｗｉｄｔｈ　ｎａｍｅ",
    "e\u0301\u0301\u0301\u0301 zalgo",
    "null",
    "0",
    "../../etc/passwd",
    "-rf",
    "name,with;separators\\and|pipes",
)


def _one_gateway() -> None:
    load_accounts()
    with ago(days=3):
        gateway("with-asn", "203.0.113.10", 65010)
        gateway("without-asn", "203.0.113.20")
        gateway("private", "10.250.0.9", 65030)


def _pages() -> None:
    load_accounts()
    with ago(days=20):
        one = gateway("data-center", "203.0.113.20", 65010)
        frankfurt = router(cen("backbone"), "backbone-frankfurt")
    for number in range(1, PAGES + 1):
        with ago(days=20 - number / 3):
            sites = [("site", f"site-{number % 7}")]
            connection(f"branch-{number:02}", [one], frankfurt if number % 3 == 0 else None, tags=sites)


def _hostile() -> None:
    load_accounts()
    fill_hostile()


def fill_hostile() -> None:
    frankfurt = router(cen(HOSTILE[1]), HOSTILE[2])
    for number, text in enumerate(HOSTILE):
        with ago(days=2, minutes=-number):
            one = gateway(text, f"203.0.113.{number + 1}", description=text[:100])
            to = frankfurt if number % 2 else None
            connection(text, [one], to, tags=[("text", text[:100])] if number > 1 else [])


def _crowded() -> None:
    load_accounts()
    fill_crowded()


def fill_crowded() -> None:
    gateways = max(1, CROWD * 400 // 5000)
    names = [f"site-{number:04}" for number in range(gateways)]
    addresses = [f"203.0.{113 + number // 250}.{number % 250 + 1}" for number in range(gateways)]
    rows = [
        {
            "id": f"cgw-{name}",
            "region": "eu-central-1",
            "name": name,
            "ip_address": address,
            "asn": 65010,
        }
        for name, address in zip(names, addresses, strict=True)
    ]
    made = _imported({"customer_gateways": rows})
    for start in range(0, CROWD, _AT_ONCE):
        connections = [
            {
                "region": "eu-central-1",
                "name": f"line-{number:05}",
                "tags": {"site": names[number % gateways]},
                "tunnels": [{"customer_gateway": made[f"cgw-{names[number % gateways]}"]}],
            }
            for number in range(start, min(CROWD, start + _AT_ONCE))
        ]
        _imported({"connections": connections})


def _imported(content: dict) -> dict[str, str]:
    """Create what a document has. Returns the new IDs for those in the document."""
    document = {"format": "vpn-console/resources", "version": 5, **content}
    found = import_text(actor(), json.dumps(document))
    if found.faults:
        raise ValueError(str(found.faults[0]))
    return found.renamed


SCENARIOS = (
    Scenario(
        "demo", _("The demo data: two accounts, connections of every shape and what happened to them."), load_demo
    ),
    Scenario("empty", _("Accounts and personas, nothing else."), load_accounts),
    Scenario("one-gateway", _("A customer gateway of each kind: with AS number, without, private."), _one_gateway),
    Scenario("pages", _("{count} connections: several pages of a list.", count=PAGES), _pages),
    Scenario("crowded", _("5,000 connections and 400 customer gateways."), _crowded),
    Scenario("hostile", _("Names and tags that are hard to show: long, markup, formulas, other scripts."), _hostile),
    Scenario(
        "real-clock",
        _("The demo data with dates as of now, for presentations."),
        load_demo,
        {"clock": {"mode": "real"}, "transitions": [{"mode": "time", "seconds": 2}]},
        None,
    ),
)
