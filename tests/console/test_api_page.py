"""The page about the API: its address, and the requests of this account only."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from connections import ids
from connections.models import AccessKey, ApiCall, ApiRefusal

PAGE = "/api/"


@pytest.fixture
def calls(alice):
    key = AccessKey.objects.create(user=alice)
    other = AccessKey.objects.create(user=alice)

    def call(operation, status=200, key=key, **more):
        values = {"account": alice.account, "access_key_id": key.access_key_id, "request_id": ids.request_id()}
        return ApiCall.objects.create(operation=operation, status=status, milliseconds=17, **values | more)

    return [
        call("DescribeVpnConnections", version="2016-04-28", parameters={"RegionId": "eu-central-1"}),
        call(
            "DeleteVpnAttachment",
            404,
            code="InvalidVpnConnectionInstanceId.NotFound",
            message="The specified VPN connection does not exist.",
            parameters={"VpnConnectionId": "<script>vco</script>"},
        ),
        call("CreateVpnAttachment", key=other, parameters={"IkeConfig": '{"Psk": "******"}'}),
    ]


def shown(answer) -> list[str]:
    return [call.operation for call in answer.context["table"].page]


def test_it_says_where_the_api_is(console, alice):
    text = console.get(PAGE).content.decode()
    assert "testserver" in text
    assert alice.account.uid in text
    assert "2016-04-28" in text
    assert "2017-09-12" in text


def test_an_account_that_has_not_begun_is_told_how(console):
    answer = console.get(PAGE)
    text = answer.content.decode()
    assert "No request has arrived yet" in text
    assert '<details class="panel" open>' in text
    [python, *_] = answer.context["listings"]
    compile(python.text, "first.py", "exec")
    assert "describe_vpn_connections" in python.text


def test_a_key_shows_when_a_request_was_last_refused_for_want_of_proof(console, alice):
    key = AccessKey.objects.create(user=alice)
    ApiRefusal.objects.create(access_key=key, code="SignatureDoesNotMatch")
    answer = console.get(PAGE)
    assert "SignatureDoesNotMatch" in answer.content.decode()
    assert shown(answer) == []


def test_what_arrived_newest_first(console, calls):
    answer = console.get(PAGE)
    assert shown(answer) == ["CreateVpnAttachment", "DeleteVpnAttachment", "DescribeVpnConnections"]
    text = answer.content.decode()
    for call in calls:
        assert call.request_id in text
    assert "InvalidVpnConnectionInstanceId.NotFound" in text
    assert "17 ms" in text
    assert "<script>vco" not in text
    assert '<details class="panel" >' in text


@pytest.mark.parametrize(
    ("query", "operations"),
    [
        ("operation=CreateVpnAttachment", ["CreateVpnAttachment"]),
        ("outcome=refused", ["DeleteVpnAttachment"]),
        ("outcome=success", ["CreateVpnAttachment", "DescribeVpnConnections"]),
        ("outcome=nonsense", ["CreateVpnAttachment", "DeleteVpnAttachment", "DescribeVpnConnections"]),
        ("q=invalidvpnconnectioninstanceid.notfound", ["DeleteVpnAttachment"]),
        ("q=nothing", []),
        ("since=2100-01-01", []),
    ],
)
def test_filters(console, calls, query, operations):
    assert shown(console.get(f"{PAGE}?{query}")) == operations


def test_filters_by_key_and_request(console, calls):
    assert shown(console.get(f"{PAGE}?key={calls[2].access_key_id}")) == ["CreateVpnAttachment"]
    assert shown(console.get(f"{PAGE}?q={calls[0].request_id.lower()}")) == ["DescribeVpnConnections"]


def test_only_the_accounts_own(bobs, calls):
    answer = bobs.get(PAGE)
    assert shown(answer) == []
    text = answer.content.decode()
    assert not any(call.request_id in text or call.access_key_id in text for call in calls)


def test_a_page_of_requests_takes_as_many_queries_as_one_request(console, alice):
    def queries_with_one_more() -> int:
        ApiCall.objects.create(
            account=alice.account, access_key_id="x", request_id=ids.request_id(), status=200, milliseconds=1
        )
        with CaptureQueriesContext(connection) as queries:
            answer = console.get(PAGE)
        assert len(shown(answer)) == ApiCall.objects.count()
        return len(queries)

    queries_with_one_more()  # The first page also writes the session.
    [count] = {queries_with_one_more() for _ in range(10)}
    assert count > 0
