"""A world's clock, its transitions, its random values and its peers."""

import json
import re

from vpnconsole.testing.clients import VPC, call_at
from vpnconsole.testing.worlds import Visitor

REGION = "eu-central-1"
LIST = f"/{REGION}/connections/"


class Inside:
    """A world, with a member's browser and key."""

    def __init__(self, control, member="alice", **settings):
        self.control, self.world = control, control.world(**settings)
        self.key = tuple(self.world["keys"][member][name] for name in ("id", "secret"))
        self.browser = Visitor(control.server, self.world["id"], member)

    def kit(self, method, path, status=None, **body):
        return self.control.call(method, f"/worlds/{self.world['id']}{path}", status, **body)

    def api(self, action, version=VPC, status=200, **parameters):
        answer = call_at(self.browser, self.key, action, version, **parameters)
        assert answer.status == status, answer.text
        return json.loads(answer.text)

    def id_of(self, kind, name):
        return self.world["names"][kind][name]["id"]

    def state_of(self, name="hamburg-primary"):
        page = self.browser.get(LIST).text
        row = re.search(rf'data-name="{name}".*?data-state="(\w+)"', page, re.S)
        return row[1]

    def status_of(self, name="hamburg-primary"):
        return re.search(rf'data-name="{name}".*?data-status="(\w+)"', self.browser.get(LIST).text, re.S)[1]


def test_a_signed_call_works_while_the_clock_is_held(control):
    """And what is the world's time follows the clock: how long a payer stays."""
    inside = Inside(control, clock="held")
    assert inside.kit("GET", "/clock")["clock"] == {"mode": "held", "at": "2026-03-02T09:00:00+00:00"}
    assert inside.api("DescribeVpnConnections", RegionId=REGION)["TotalCount"] > 3
    after = inside.kit("POST", "/clock/advance", seconds=86400)
    assert after["clock"]["at"] == "2026-03-03T09:00:00+00:00"
    assert inside.api("DescribeVpnConnections", RegionId=REGION)["TotalCount"] > 3
