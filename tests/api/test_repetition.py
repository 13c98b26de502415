"""A client token repeats a response only to the user who got it, and only with that user's current rights."""

import pytest

from connections.api.actions import ACTIONS
from connections.domain.choices import AccessKeyStatus, Role
from connections.models import AccessKey, ApiToken, Cen, Connection, Event, Tunnel
from tests.api.life import PSK, life, next_of
from vpnconsole.testing import factories
from vpnconsole.testing.clients import CBN, ApiClient
from vpnconsole.testing.factories import REGION

pytestmark = pytest.mark.django_db


@pytest.fixture
def olga(alice):
    """An operator, who sends the requests."""
    return factories.make_user(alice.account, "olga", role=Role.OPERATOR)


@pytest.fixture
def olgas(olga) -> ApiClient:
    return ApiClient(AccessKey.objects.create(user=olga))


@pytest.fixture
def reader(alice) -> ApiClient:
    rita = factories.make_user(alice.account, "rita", role=Role.READ_ONLY)
    return ApiClient(AccessKey.objects.create(user=rita))


def test_every_operation_that_writes_repeats_its_answer_to_its_caller_alone(alice, bob, olga, olgas, reader):
    steps, answer, requests = life(alice.account, bob.account), None, []
    while (step := next_of(steps, answer)) is not None:
        version, name, parameters = step
        parameters |= {"ClientToken": f"token-{len(requests)}"}
        first = olgas.ok(name, version, **parameters)
        again = olgas.ok(name, version, **parameters)
        assert first | {"RequestId": ""} == again | {"RequestId": ""}
        other = reader.call(name, version, **parameters)
        assert other.status_code >= 400, name
        assert other.data["Code"] != "IdempotentParameterMismatch"
        assert "planted" not in other.content.decode()
        answer = {key: value for key, value in first.items() if key != "RequestId"}
        requests.append((name, version, parameters))
    assert {(version, name) for name, version, _ in requests} == {key for key, one in ACTIONS.items() if one.writes}
    assert "planted" not in str(list(ApiToken.objects.values()))
    # Remove a right in between, then the key.
    events = Event.objects.filter(outcome="success").count()
    for change in ({"role": Role.READ_ONLY}, {"role": Role.OPERATOR, "is_active": False}):
        type(olga).objects.filter(pk=olga.pk).update(**change)
        for name, version, parameters in requests:
            response = olgas.call(name, version, **parameters)
            assert response.status_code >= 400, name
            assert "planted" not in response.content.decode()
    assert Event.objects.filter(outcome="success").count() == events


def test_the_key_in_a_repeated_answer_is_drawn_for_whoever_asks_now(alice, olga, olgas):
    made = factories.make_connection(alice.account, tunnel={"psk": PSK})
    which = {"RegionId": REGION, "VpnConnectionId": made.resource_id, "Name": "x", "ClientToken": "t"}
    assert olgas.ok("ModifyVpnAttachmentAttribute", **which)["IkeConfig"]["Psk"] == PSK
    Tunnel.objects.update(psk="another")
    assert olgas.ok("ModifyVpnAttachmentAttribute", **which)["IkeConfig"]["Psk"] == "another"
    AccessKey.objects.filter(user=olga).update(status=AccessKeyStatus.INACTIVE)
    assert olgas.no("ModifyVpnAttachmentAttribute", **which) == "InvalidAccessKeyId.Inactive"
    other = ApiClient(AccessKey.objects.create(user=olga))
    assert other.ok("ModifyVpnAttachmentAttribute", **which)["IkeConfig"]["Psk"] == "another"
    Connection.objects.all().delete()
    assert other.no("ModifyVpnAttachmentAttribute", **which) == "InvalidVpnConnectionInstanceId.NotFound"


def test_two_members_may_use_one_token(api, olgas):
    """A token is unique per user: another user's request with the same token is a separate request."""
    first = api.ok("CreateCen", CBN, ClientToken="t", Name="a")["CenId"]
    second = olgas.ok("CreateCen", CBN, ClientToken="t", Name="a")["CenId"]
    assert first != second
    assert olgas.no("CreateCen", CBN, ClientToken="t", Name="b") == "IdempotentParameterMismatch"
    assert api.ok("CreateCen", CBN, ClientToken="t", Name="a")["CenId"] == first
    assert Cen.objects.count() == 2
