"""Requests captured from the official clients verify; with any change they do not."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import RequestFactory

from connections import clock
from connections.api import codec, signature
from connections.api.errors import ApiError
from connections.wire.codes import ErrorCode

CAPTURED = json.loads((Path(__file__).parent / "vectors.json").read_text())
# No SDK uses SM3 by default; it is refused by name.
UNDERSTOOD = [one for one in CAPTURED["requests"] if "SM3" not in one["client"]]
SECRET = CAPTURED["access_key_secret"]


def request_of(captured, target=None):
    headers = {name.lower(): value for name, value in captured["headers"]}
    content_type = headers.pop("content-type", "")
    return RequestFactory().generic(
        captured["method"],
        target or captured["target"],
        captured["body"],
        content_type=content_type,
        headers=headers,
    )


def signed(captured, **changed):
    request = request_of(captured, **changed)
    query = codec.query_of(request)
    return signature.read(request, query, {**query, **codec.form_of(request)})


@pytest.fixture(params=UNDERSTOOD, ids=lambda one: f"{one['client']} {one['action']}")
def captured(request):
    return request.param


def in_time(one: signature.Signed):
    return clock.hold(datetime.strptime(one.timestamp, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC))


def test_a_captured_request_verifies(captured):
    one = signed(captured)
    assert one.access_key_id == CAPTURED["access_key_id"]
    with in_time(one):
        one.check(SECRET)


def test_another_secret_does_not(captured):
    one = signed(captured)
    with in_time(one), pytest.raises(ApiError) as caught:
        one.check(SECRET[:-1])
    assert caught.value.code is ErrorCode.SIGNATURE_DOES_NOT_MATCH


def test_nor_does_a_request_with_one_more_parameter(captured):
    joint = "&" if "?" in captured["target"] else "?"
    one = signed(captured, target=f"{captured['target']}{joint}DryRun=true")
    with in_time(one), pytest.raises(ApiError) as caught:
        one.check(SECRET)
    assert caught.value.code is ErrorCode.SIGNATURE_DOES_NOT_MATCH


def test_nor_does_a_late_one(captured):
    one = signed(captured)
    with in_time(one) as held:
        held.tick(901)
        with pytest.raises(ApiError) as caught:
            one.check(SECRET)
    assert caught.value.code is ErrorCode.TIMESTAMP_EXPIRED


def test_sm3_is_refused_by_name():
    sm3 = next(one for one in CAPTURED["requests"] if "SM3" in one["client"])
    with pytest.raises(ApiError) as caught:
        signed(sm3)
    assert caught.value.code is ErrorCode.SIGNATURE_METHOD


@pytest.mark.parametrize(
    ("key_parameters", "string", "expected"),
    [
        (
            {"RegionId": "eu-central-1", "Tag.1.Key": "k 1", "Tag.1.Value": "a+b*c~d/名",
             "Action": "DescribeVpnConnections", "SignatureNonce": "0001"},
            "GET", "J+Lr4YaazUQUBQIpUgi+fEwrjOI=",
        ),
        (
            {"RegionId": "eu-central-1", "VpnConnectionId": "vco-example000000000001", "SignatureType": "",
             "Action": "DescribeVpnConnection", "SignatureNonce": "0002"},
            "POST", "/PvqxeiQeqK8UCopHpISguGA0Lo=",
        ),
    ],
)  # fmt: skip
def test_the_worked_examples_of_v1(key_parameters, string, expected):
    parameters = {
        "AccessKeyId": "LTAI5tEXAMPLEEXAMPLE01", "Format": "JSON", "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0", "Timestamp": "2026-01-02T03:04:05Z", "Version": "2016-04-28", "Signature": "x",
        **key_parameters,
    }  # fmt: skip
    one = signature.read(RequestFactory().generic(string, "/"), {}, parameters)
    assert one.expected("ExampleSecretDoNotUse0123456789") == expected
