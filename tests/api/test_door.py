"""The API's entry point: authentication, telling API requests from visits to the start page, and JSON responses."""

import logging
from datetime import timedelta

import pytest
from django.db import Error, InterfaceError, OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from connections import clock as clocks
from connections.api import actions
from connections.api.codec import FORM
from connections.domain.choices import Role
from connections.models import AccessKey, ApiCall, ApiNonce, ApiRefusal, Cen, Event
from connections.services.access_keys import create_access_key, delete_access_key, set_access_key_status
from vpnconsole.testing import factories
from vpnconsole.testing.clients import CBN, VPC, ApiClient, send, v1, v3

pytestmark = pytest.mark.django_db

# Half of a surrogate pair, which JSON can express.
SURROGATE = '[{"Key": "\\ud800", "Value": "x"}]'


@pytest.fixture(params=[v1, v3], ids=["v1", "v3"])
def sign(request):
    return request.param


@pytest.fixture
def key(alice):
    return AccessKey.objects.create(user=alice)


def code(request: dict, **more) -> tuple[int, str]:
    response = send(request, **more)
    assert isinstance(response.data["Message"], str)
    assert response.data["Message"]
    return response.status_code, response.data["Code"]


def test_a_signed_request_is_let_in(key, sign):
    response = send(sign(key.access_key_id, key.secret, "DescribeRegions"))
    assert response.status_code == 200
    assert len(response.data["Regions"]["Region"]) == 29
    assert response["x-acs-request-id"] == response.data["RequestId"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_both_methods_do(key, sign, method):
    assert send(sign(key.access_key_id, key.secret, "DescribeRegions", method=method)).status_code == 200


def test_v1_may_put_everything_into_the_body(key):
    request = v1(key.access_key_id, key.secret, "DescribeZones", parameters={"RegionId": "eu-central-1"})
    from urllib.parse import urlencode

    request["body"], request["query"] = urlencode(request["query"]), {}
    assert send(request).data["Zones"]["Zone"][0]["ZoneId"] == "eu-central-1a"


def test_the_body_wins_over_the_address(key):
    request = v1(
        key.access_key_id,
        key.secret,
        "DescribeZones",
        parameters={"RegionId": "cn-hangzhou"},
        body={"RegionId": "eu-central-1"},
    )
    assert send(request).data["Zones"]["Zone"][0]["ZoneId"] == "eu-central-1a"


def test_the_start_page_is_still_the_start_page():
    assert Client().get("/").status_code == 302
    assert Client().get("/?next=/").status_code == 302


@pytest.mark.parametrize("path", ["/connections/", "/no/such/page/", "/api/"])
def test_other_paths_are_said_not_to_be_the_door(key, path):
    request = v3(key.access_key_id, key.secret, "DescribeRegions")
    assert code(request, path=path) == (404, "InvalidPath.NotFound")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods(key, method):
    request = v3(key.access_key_id, key.secret, "DescribeRegions", method=method)
    response = send(request)
    assert (response.status_code, response.data["Code"]) == (405, "UnsupportedHTTPMethod")
    assert response["Allow"] == "GET, POST"


def test_an_unknown_key(key, sign):
    assert code(sign("LTAI5tNobody", key.secret, "DescribeRegions")) == (404, "InvalidAccessKeyId.NotFound")
    assert not ApiCall.objects.exists()


def test_a_wrong_secret_and_the_string_to_sign(key, sign):
    response = send(sign(key.access_key_id, "wrong", "DescribeRegions"))
    assert (response.status_code, response.data["Code"]) == (400, "SignatureDoesNotMatch")
    assert ":" in response.data["Message"]
    # The old SDK core compares the part after the colon with its own.
    if sign is v1:
        assert response.data["Message"].split(":")[1].startswith("POST&%2F&AccessKeyId%3D")
    assert not ApiNonce.objects.exists()


def spoiled(request: dict) -> dict:
    """Replace the signed operation by a stranger's own text."""
    if "Signature" in request["query"]:
        request["query"]["Action"] = "CALL +1-555-0100"
    else:
        request["headers"]["x-acs-action"] = "CALL +1-555-0100"
    return request


def test_strangers_leave_none_of_their_words_and_push_nothing_out(key, sign, clock):
    """Knowing an AccessKey ID, or replaying a request, does not prove ownership of the key."""
    captured = sign(key.access_key_id, key.secret, "DescribeRegions")
    assert send(captured).status_code == 200
    (true,) = ApiCall.objects.all()
    began = clocks.now()
    for _ in range(3):
        assert code(spoiled(sign(key.access_key_id, key.secret, "DescribeRegions")))[1] == "SignatureDoesNotMatch"
        assert code(captured)[1] == "SignatureNonceUsed"
    clock.tick(1000)
    assert code(captured)[1] == "InvalidTimeStamp.Expired"
    AccessKey.objects.update(status="Inactive")
    inactive = sign(key.access_key_id, key.secret, "DescribeRegions")
    with CaptureQueriesContext(connection) as first:
        assert code(inactive)[1] == "InvalidAccessKeyId.Inactive"
    with CaptureQueriesContext(connection) as second:
        assert code(inactive)[1] == "InvalidAccessKeyId.Inactive"
    assert list(ApiCall.objects.all()) == [true]
    refusals = ApiRefusal.objects.order_by("at", "code").values_list("access_key", "code", "at")
    assert list(refusals) == [
        (key.pk, "SignatureDoesNotMatch", began),
        (key.pk, "SignatureNonceUsed", began),
        (key.pk, "InvalidAccessKeyId.Inactive", clocks.now()),
        (key.pk, "InvalidTimeStamp.Expired", clocks.now()),
    ]
    # At most one write a minute for each key and code.
    assert len(second) < len(first)
    assert all(query["sql"].startswith("SELECT") for query in second)


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ("AccessKeyId", "MissingAccessKeyId"),
        ("Timestamp", "MissingTimestamp"),
        ("SignatureNonce", "MissingSignatureNonce"),
        ("Action", "MissingAction"),
        ("Version", "MissingVersion"),
    ],
)
def test_missing_pieces_of_v1(key, missing, expected):
    request = v1(key.access_key_id, key.secret, "DescribeRegions", **{missing: None})
    assert code(request) == (400, expected)


def test_no_signature(key):
    request = v1(key.access_key_id, key.secret, "DescribeRegions", Signature="")
    assert code(request) == (400, "MissingSignature")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"x_acs_date": None}, "MissingTimestamp"),
        ({"x_acs_date": "yesterday"}, "InvalidTimeStamp.Format"),
        ({"x_acs_signature_nonce": None}, "MissingSignatureNonce"),
        ({"x_acs_signature_nonce": "n" * 129}, "InvalidSignatureNonce"),
        ({"x_acs_content_sha256": "0" * 64}, "InvalidContentSha256"),
        ({"x_acs_content_sha256": None}, "InvalidContentSha256"),
        ({"host": None}, "IncompleteSignature"),
    ],
)
def test_missing_and_wrong_pieces_of_v3(key, changed, expected):
    assert code(v3(key.access_key_id, key.secret, "DescribeRegions", **changed)) == (400, expected)


def test_an_acs_header_outside_the_signature(key):
    request = v3(key.access_key_id, key.secret, "DescribeRegions")
    request["headers"]["x-acs-extra"] = "smuggled"
    assert code(request) == (400, "IncompleteSignature")


def test_the_type_of_a_body_is_part_of_the_v3_signature(key):
    """Otherwise a man in the middle could decide whether the body is read, and turn a dry run into a real one."""
    request = v3(key.access_key_id, key.secret, "CreateCen", CBN, body="Name=x&DryRun=true", content_type=None)
    for content_type in (FORM, "text/plain", ""):
        request["headers"]["content-type"] = content_type
        assert code(request) == (400, "IncompleteSignature")
    signed = v3(key.access_key_id, key.secret, "CreateCen", CBN, body="Name=x")
    signed["headers"]["content-type"] = "text/plain"
    assert code(signed) == (400, "SignatureDoesNotMatch")
    assert not Cen.objects.exists()


@pytest.mark.parametrize("proto", [None, "http"])
def test_requests_over_plain_http_are_refused_where_https_is_meant(key, sign, settings, proto):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    request = sign(key.access_key_id, key.secret, "DescribeRegions")
    request["headers"] |= {"x-forwarded-proto": proto} if proto else {}
    assert code(request) == (400, "InvalidProtocol.NeedSsl")
    request["headers"]["x-forwarded-proto"] = "https"
    assert send(request).status_code == 200


def test_requests_for_another_host_are_refused_without_naming_it(key, sign):
    more = {"host": "evil.example"} if sign is v3 else {}
    request = sign(key.access_key_id, key.secret, "DescribeRegions", **more)
    request["headers"]["host"] = "evil.example"
    response = send(request)
    assert (response.status_code, response.data["Code"]) == (400, "InvalidHost")
    assert "evil" not in response.content.decode() + repr(response.headers)


def test_v1_reads_no_action_from_headers_that_it_does_not_sign(key):
    request = v1(key.access_key_id, key.secret, "DescribeRegions", Action=None)
    request["headers"]["x-acs-action"] = "DeleteVpnAttachment"
    assert code(request) == (400, "MissingAction")


def test_a_nonce_serves_once_for_a_key(key, sign, alice):
    request = sign(key.access_key_id, key.secret, "DescribeRegions")
    assert send(request).status_code == 200
    assert code(request) == (400, "SignatureNonceUsed")
    other = AccessKey.objects.create(user=alice)
    nonce = {"SignatureNonce": "n"} if sign is v1 else {"x_acs_signature_nonce": "n"}
    assert send(sign(key.access_key_id, key.secret, "DescribeRegions", **nonce)).status_code == 200
    assert send(sign(other.access_key_id, other.secret, "DescribeRegions", **nonce)).status_code == 200


def test_a_nonce_is_kept_as_long_as_its_timestamp_could_be_good(key, clock):
    send(v3(key.access_key_id, key.secret, "DescribeRegions"))
    assert ApiNonce.objects.get().expires_at - clocks.now() >= timedelta(minutes=30)


@pytest.mark.parametrize("seconds", [-901, 901])
def test_clocks_that_are_too_far_apart(key, sign, clock, seconds):
    request = sign(key.access_key_id, key.secret, "DescribeRegions")
    clock.tick(seconds)
    assert code(request) == (400, "InvalidTimeStamp.Expired")


@pytest.mark.parametrize("seconds", [-899, 899])
def test_clocks_that_are_close_enough(key, sign, clock, seconds):
    request = sign(key.access_key_id, key.secret, "DescribeRegions")
    clock.tick(seconds)
    assert send(request).status_code == 200


def test_disabled_keys_and_keys_of_people_who_left(alice, sign):
    actor = lambda: factories.make_actor(alice.account)  # noqa: E731
    key = create_access_key(actor(), alice)
    set_access_key_status(actor(), key.access_key_id, "Inactive")
    assert code(sign(key.access_key_id, key.secret, "DescribeRegions")) == (400, "InvalidAccessKeyId.Inactive")
    set_access_key_status(actor(), key.access_key_id, "Active")
    assert send(sign(key.access_key_id, key.secret, "DescribeRegions")).status_code == 200
    alice.is_active = False
    alice.save()
    assert code(sign(key.access_key_id, key.secret, "DescribeRegions")) == (400, "InvalidAccessKeyId.Inactive")
    delete_access_key(actor(), key.access_key_id)
    assert code(sign(key.access_key_id, key.secret, "DescribeRegions")) == (404, "InvalidAccessKeyId.NotFound")
    assert [event.operation for event in Event.objects.order_by("id")] == [
        "CreateAccessKey",
        "UpdateAccessKey",
        "UpdateAccessKey",
        "DeleteAccessKey",
    ]


def test_documented_keys_of_the_demo_end_with_demo_mode(key, sign, settings):
    settings.DEMO_MODE = False
    assert code(sign(key.access_key_id, key.secret, "DescribeRegions")) == (400, "InvalidAccessKeyId.Inactive")


def test_temporary_credentials_are_refused(key):
    assert code(v1(key.access_key_id, key.secret, "DescribeRegions", SecurityToken="x"))[1] == (
        "InvalidSecurityToken.MismatchWithAccessKey"
    )


def test_unknown_operations_and_versions(key, sign):
    assert code(sign(key.access_key_id, key.secret, "NoSuchThing")) == (404, "InvalidAction.NotFound")
    assert code(sign(key.access_key_id, key.secret, "DescribeRegions", "2017-09-12")) == (404, "InvalidAction.NotFound")
    assert code(sign(key.access_key_id, key.secret, "DescribeRegions", "2000-01-01")) == (404, "InvalidVersion")


def test_a_parameter_that_is_there_twice_is_not_guessed_at(key):
    request = v1(key.access_key_id, key.secret, "DescribeZones", parameters={"RegionId": "eu-central-1"})
    response = Client().get(f"/?RegionId=cn-hangzhou&{'&'.join(f'{k}={v}' for k, v in request['query'].items())}")
    assert response.json()["Code"] == "InvalidParameter.Encoding"


@pytest.mark.parametrize("query", ["Action=%ff", "Action=a%00b", "&".join(f"a{n}=" for n in range(1100)) + "&Action="])
def test_parameters_that_cannot_be_read(query):
    response = Client().get(f"/?{query}")
    assert (response.status_code, response.json()["Code"]) == (400, "InvalidParameter.Encoding")


def test_a_body_that_is_too_large(key, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    request = v3(key.access_key_id, key.secret, "DescribeRegions", body="a=" + "b" * 2000)
    assert code(request) == (413, "RequestEntityTooLarge")


def test_a_defect_of_ours_is_json_too_and_names_no_values(key, monkeypatch, caplog):
    def broken(call):
        raise RuntimeError("boom")

    from dataclasses import replace

    regions = actions.ACTIONS[VPC, "DescribeRegions"]
    monkeypatch.setitem(actions.ACTIONS, (VPC, "DescribeRegions"), replace(regions, handler=broken))
    with caplog.at_level(logging.ERROR):
        request = v3(key.access_key_id, key.secret, "DescribeRegions", parameters={"ProductType": "hush"})
        assert code(request) == (500, "InternalError")
    assert "boom" in caplog.text
    assert "hush" not in caplog.text
    assert ApiCall.objects.get().request_id in caplog.text


def test_a_bare_post_to_the_start_page_gets_json():
    response = Client().post("/", {})
    assert (response.status_code, response.json()["Code"]) == (400, "MissingAccessKeyId")


def test_no_cookie_no_redirect_no_csrf(key, sign):
    response = send(sign(key.access_key_id, key.secret, "DescribeRegions"))
    assert not response.cookies
    assert "Location" not in response


def test_requests_are_written_down_with_secrets_hidden(api, alice):
    response = api.call(
        "DescribeZones",
        RegionId="eu-central-1",
        IkeConfig='{"Psk": "hush", "IkeVersion": "ikev2"}',
        AuthKey="hush",
        IKeConfig='{"Psk": "hush"}',
        TunnelOptionsSpecification=[{"TunnelIkeConfig": {"Psk": "hush"}}],
    )
    call = ApiCall.objects.of(alice.account).get()
    assert (call.operation, call.status, call.code) == ("DescribeZones", 200, "")
    assert call.request_id == response.data["RequestId"]
    assert call.parameters["RegionId"] == "eu-central-1"
    assert "hush" not in str(call.parameters)
    assert call.access_key_id == api.key.access_key_id


def test_the_last_thousand_requests_are_kept(api, alice):
    ApiCall.objects.bulk_create(
        ApiCall(account=alice.account, access_key_id="k", request_id=str(n), operation="x", status=200, milliseconds=1)
        for n in range(1500)
    )
    api.ok("DescribeRegions")
    while ApiCall.objects.latest("pk").pk % 100:
        api.ok("DescribeRegions")
    assert ApiCall.objects.of(alice.account).count() == 1000


def test_the_last_use_of_a_key_is_remembered(api, clock):
    assert api.key.last_used_at is None
    api.ok("DescribeRegions")
    api.key.refresh_from_db()
    assert api.key.last_used_at == clocks.now()
    clock.tick(-24 * 3600)
    api.ok("DescribeRegions")
    api.key.refresh_from_db()
    assert api.key.last_used_at == clocks.now()


def test_throttling_is_off_unless_switched_on(api, settings, monkeypatch, clock):
    from dataclasses import replace

    regions = actions.ACTIONS[VPC, "DescribeRegions"]
    monkeypatch.setitem(actions.ACTIONS, (VPC, "DescribeRegions"), replace(regions, limit=2))
    for _ in range(3):
        api.ok("DescribeRegions")
    settings.API_THROTTLING = True
    api.ok("DescribeRegions")
    api.ok("DescribeRegions")
    response = api.call("DescribeRegions")
    assert (response.status_code, response.data["Code"]) == (400, "Throttling.User")
    assert 0 < int(response["x-acs-retry-after"]) <= 60000
    clock.tick(60)
    api.ok("DescribeRegions")


def test_a_key_signs_in_its_own_user_with_that_users_rights(api, alice):
    rita = factories.make_user(alice.account, "rita", role=Role.READ_ONLY, is_demo=True)
    oscar = factories.make_user(alice.account, "oscar", role=Role.OPERATOR, is_demo=True)
    reader, operator = (ApiClient(AccessKey.objects.create(user=user)) for user in (rita, oscar))
    assert reader.no("CreateCen", CBN, Name="one") == "Forbidden"
    operator.ok("CreateCen", CBN, Name="two")
    api.ok("CreateCen", CBN, Name="three")
    assert list(Cen.objects.order_by("id").values_list("name", flat=True)) == ["two", "three"]
    events = Event.objects.filter(operation="CreateCen").order_by("id")
    assert [event.actor for event in events] == ["rita", "oscar", "alice"]


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("database is locked"),
        InterfaceError("the connection is closed"),
        # The driver's own error, where Django does not wrap it.
        connection.Database.OperationalError("server closed the connection unexpectedly"),
    ],
    ids=lambda error: f"{type(error).__module__}.{type(error).__name__}",
)
def test_a_database_that_cannot_be_reached_is_said_in_json(key, monkeypatch, error):
    def gone(*args, **kwargs):
        raise error

    monkeypatch.setattr(ApiNonce.objects, "create", gone)
    if isinstance(error, Error):
        monkeypatch.setattr(ApiCall, "save", gone)
    assert code(v3(key.access_key_id, key.secret, "DescribeRegions")) == (503, "ServiceUnavailable")


@pytest.mark.parametrize(
    ("action", "version", "parameters"),
    [
        ("TagResources", VPC, {"ResourceType": "VpnAttachment", "Tag": SURROGATE, "ResourceId": '["vco-x"]'}),
        ("TagResources", VPC, {"ResourceType": "VpnAttachment", "Tag": '[{"Key": "a"}]', "ResourceId": '["\\ud800"]'}),
        ("ListTagResources", VPC, {"ResourceType": "VpnAttachment", "Tag": SURROGATE}),
        ("DescribeVpnConnections", VPC, {"Tag": SURROGATE}),
    ],
)
def test_json_that_nobody_stores_is_refused_and_written_down(api, action, version, parameters):
    body = {"RegionId": "eu-central-1", **parameters}
    answer = send(v1(api.key.access_key_id, api.key.secret, action, version, body=body))
    assert answer.status_code == 400
    assert answer.data["Code"] == "InvalidParameter"
    assert ApiCall.objects.get().code == "InvalidParameter"


@pytest.mark.parametrize("text", ["[" * 900 + "]" * 900, '{"a":' * 900 + "1" + "}" * 900, "[" * 9000 + "]" * 9000])
def test_json_that_is_nested_deeper_than_its_record_can_follow_is_hidden_in_it(api, text):
    request = v1(
        api.key.access_key_id, api.key.secret, "DescribeVpnConnections", body={"RegionId": "eu-central-1", "Tag": text}
    )
    assert send(request).status_code in (200, 400)
    assert ApiCall.objects.get().parameters == {"RegionId": "eu-central-1", "Tag": "******"}


@pytest.mark.parametrize(
    ("name", "facts"), [("vco-nobodys", {"connection": "vco-nobodys"}), ("x" * 90_000, {}), ("vco-" + "x" * 29, {})]
)
def test_what_somebody_calls_a_connection_is_kept_only_if_it_is_an_id(api, alice, name, facts):
    router = factories.make_transit_router(alice.account)
    parameters = {"VpnId": name, "TransitRouterId": router.resource_id, "RegionId": "eu-central-1",
                  "Zone.1.ZoneId": "eu-central-1a"}  # fmt: skip
    request = v1(api.key.access_key_id, api.key.secret, "CreateTransitRouterVpnAttachment", CBN, body=parameters)
    assert send(request).status_code == 400
    event = Event.objects.latest("id")
    assert (event.facts, event.related_id) == (facts, facts.get("connection", ""))
    assert len(str(event.message_parts)) < 1000


def test_a_refused_request_is_not_in_the_log_but_a_missing_page_is(api, client, caplog):
    api.no("DescribeNothing")
    assert not caplog.records
    client.get("/nothing/")
    assert [record.getMessage() for record in caplog.records] == ["Not Found: /nothing/"]
