"""Which world serves a request, and the answers to names of worlds that are gone."""

import json

import pytest

from connections.models import AccessKey
from vpnconsole.kit import naming
from vpnconsole.kit.errors import WorldGone
from vpnconsole.testing.clients import call_at
from vpnconsole.testing.factories import make_user
from vpnconsole.testing.served import Browser
from vpnconsole.testing.worlds import Visitor

HARBOUR = ("LTAI5tHarbourLogistics01", "HarbourDemoSecretKeyForTests01")
PAGE = "/eu-central-1/customer-gateways/"


class Program(Browser):
    """A client that sends the same headers each time."""

    def __init__(self, server, **headers):
        self.always = {name.replace("_", "-"): value for name, value in headers.items()}
        super().__init__(server)

    def ask(self, method, path, body=None, headers=None):
        return super().ask(method, path, body, {**self.always, **(headers or {})})


@pytest.fixture(scope="module")
def gone(control):
    world = control.world(scenario="empty")
    control.call("DELETE", f"/worlds/{world['id']}", 204)
    return world


def test_a_person_whose_world_is_gone_finds_a_way_out(server, gone):
    browser = Visitor(server, gone["id"])
    page = browser.get(PAGE, Accept="text/html", Accept_Language="en")
    assert page.status == 410
    assert "This world is gone" in page.text
    assert 'href="/_kit/leave"' in page.text
    assert "该独立环境已不存在" in browser.get(PAGE, Accept="text/html", Accept_Language="zh-CN").text
    # What the page needs is there.
    assert browser.get("/static/console/base.css").status == 200
    assert browser.get("/readyz").status == 200
    out = browser.get("/_kit/leave")
    assert (out.status, out.headers["Location"]) == (302, "/_kit/")


@pytest.mark.parametrize("name", ["never-there", "A" * 16, "../../etc/passwd", "é"])
def test_an_unknown_world_is_refused(server, name):
    answer = Program(server, X_VPNC_World=name.encode().decode("latin-1")).get(PAGE)
    assert (answer.status, json.loads(answer.text)["code"]) == (410, "world_gone")
    assert "X-VPNC-World" not in answer.headers


def test_an_api_client_whose_world_is_gone_gets_an_error_of_the_api(server, gone):
    key = gone["keys"]["alice"]
    for client, pair in (
        (Browser(server), (key["id"], key["secret"])),
        (Program(server, X_VPNC_World=gone["id"]), HARBOUR),
    ):
        answer = call_at(client, pair, "DescribeCustomerGateways", RegionId="eu-central-1")
        said = json.loads(answer.text)
        assert (answer.status, said["Code"]) == (410, "VpnConsole.world_gone")
        assert said["RequestId"] == answer.headers["X-Request-ID"]


def test_two_worlds_are_a_conflict(server, control):
    one, two = (control.world(scenario="empty") for _ in range(2))
    visitor = Visitor(server, one["id"])
    assert visitor.get(PAGE, X_VPNC_World=one["id"]).status == 302
    said = visitor.get(PAGE, X_VPNC_World=two["id"])
    assert (said.status, set(json.loads(said.text)["worlds"])) == (409, {one["id"], two["id"]})
    key = two["keys"]["alice"]
    client = Program(server, X_VPNC_World=one["id"])
    answer = call_at(client, (key["id"], key["secret"]), "DescribeCustomerGateways", RegionId="eu-central-1")
    assert (answer.status, json.loads(answer.text)["Code"]) == (409, "VpnConsole.two_worlds")
    # The documented pair works in every world.
    answer = call_at(client, HARBOUR, "DescribeCustomerGateways", RegionId="eu-central-1")
    assert (answer.status, answer.headers["X-VPNC-World"]) == (200, one["id"])


@pytest.mark.parametrize("where", ["outside", "in a world"])
def test_a_random_key_may_look_like_that_of_a_world(server, control, where):
    """Keys that people create are random after their first letters."""
    pair = ("LTAI5tW" + "x" * 17, "a-secret-that-nobody-has")
    if where == "outside":
        # Nothing has this key, so it can only have named a world.
        answer = call_at(Browser(server), pair, "DescribeCustomerGateways", RegionId="eu-central-1")
        assert (answer.status, json.loads(answer.text)["Code"]) == (410, "VpnConsole.world_gone")
        return
    client = Program(server, X_VPNC_World=control.world(scenario="empty")["id"])
    answer = call_at(client, pair, "DescribeCustomerGateways", RegionId="eu-central-1")
    assert (answer.status, json.loads(answer.text)["Code"]) == (404, "InvalidAccessKeyId.NotFound")


@pytest.mark.django_db
def test_a_key_of_the_installation_that_looks_like_that_of_a_world_stays_outside(rf, own_folder):
    key = AccessKey.objects.create(user=make_user(), access_key_id="LTAI5tW" + "x" * 17)
    assert naming.named(rf.post(f"/?AccessKeyId={key.access_key_id}")) is None
    with pytest.raises(WorldGone):
        naming.named(rf.post("/?AccessKeyId=LTAI5tW" + "y" * 17))
