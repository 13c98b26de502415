"""Every operation with random, missing, oversized, repeated and ill-typed parameters.

Never a 500, never HTML, always a code with a message; each successful response has the declared shape.
"""

import json
import logging
import os
import random

import pytest

from connections.api.actions import ACTIONS
from connections.api.registry import Action, JsonObject, Number, Object, Objects, Texts
from connections.domain.choices import Role
from connections.models import AccessKey, ApiCall, Tunnel
from dev import in_ci
from tests.api.shapes import misfits
from vpnconsole.testing import factories
from vpnconsole.testing.clients import ApiClient, send, v1, v3

# More in continuous integration, in its first pass.
THOROUGH = in_ci() and "DATABASE_URL" not in os.environ
ROUNDS = 64 if THOROUGH else 16
AT_THE_DOOR = 4000 if THOROUGH else 400
NASTY = [
    "", " ", "0", "-1", "1", "100", "2147483648", "9" * 19, "9" * 40, "9" * 5000,
    "1e9", "NaN", "true", "False", "null", "[]", "{}",
    "[[]]", '{"a": {"b": 1}}', '{"Psk": null}', '{"IkeLifetime": "x"}', '{"LocalAsn": 99999999999999999999}',
    '{"IkeVersion": ["ikev2"]}', "[" * 3000, '"\\ud800"', '{"Psk": "\\ud800"}', '{"LocalId": "\\u0000"}',
    "x" * 5000, "名" * 200, "'; DROP TABLE connections; --", "<script>", "%00", "10.0.0.0/8", "0.0.0.0/0", "::/0",
    "256.1.1.1", "http://example.com", "aliyun", "\u202e", "\x1b[0m", "\n", "cgw-", "vco-" + "0" * 200, "eu-central-1",
    ' {"Psk": "hush"}', '\n{"Psk": "hush"}', '\ufeff{"Psk": "hush"}', '{"Psk ": "hush"}', '{"\\u0050sk": "hush"}',
    '{"Psk": "hush", "psk": "x"}', '[{"Psk": "hush"}]', '"{\\"Psk\\": \\"hush\\"}"', '%7B%22Psk%22%3A%22hush%22%7D',
    "VPN", "CEN", "VPNATTACHMENT", "PayByCenOwner", "CN-HANGZHOU", "１２", "²", "①", "-0", "+1",
]  # fmt: skip


def value(rng: random.Random, name: str, estate: dict, right: float) -> str:
    return rng.choice(estate[name]) if name in estate and rng.random() < right else rng.choice(NASTY)


def below(rng: random.Random, name: str, fields, estate: dict, right: float) -> dict[str, str]:
    """Values for the fields of an object, also for those of objects in it."""
    values: dict[str, str] = {}
    for one in fields:
        path = f"{name}.{one.name}"
        if isinstance(one, Object) and rng.random() < 0.8:
            values |= below(rng, path, one.fields, estate, right)
        elif rng.random() < 0.8:
            values[path] = value(rng, one.name, estate, right)
    return values


def parameters(rng: random.Random, action: Action, estate: dict) -> dict[str, str]:
    """A random request: mostly valid, mostly invalid, or in between."""
    right, sent = {}, rng.choice([0.3, 0.7, 0.95])
    for one in action.parameters:
        if rng.random() > sent and not (one.required and rng.random() < 0.8):
            continue
        chance = rng.choice([0.5, 0.9, 1.0])
        options = getattr(one, "options", ())
        if options and rng.random() < chance:
            right[one.name] = rng.choice(options)
        elif isinstance(one, Texts):
            for number in rng.sample(range(0, 60), rng.randrange(3)):
                right[f"{one.name}.{number}"] = value(rng, one.name, estate, chance)
        elif isinstance(one, Objects):
            for number in range(rng.choice([0, 1, 2, 25])):
                right |= below(rng, f"{one.name}.{number}", one.fields, estate, chance)
        elif isinstance(one, Object):
            right |= below(rng, one.name, one.fields, estate, chance)
        elif isinstance(one, JsonObject) and rng.random() < chance:
            keys = rng.sample(list(one.keys), rng.randrange(len(one.keys)))
            right[one.name] = json.dumps({key: rng.choice([*NASTY, True, 1, None, "ikev2"]) for key in keys})
        elif isinstance(one, Number) and rng.random() < chance:
            right[one.name] = str(rng.randrange(0, 101))
        else:
            right[one.name] = value(rng, one.name, estate, chance)
    for extra in ("ClientToken", "DryRun", "OwnerId", "Tag.1", "Tag.x.Key", "NoSuchThing"):
        if rng.random() < 0.1:
            right[extra] = rng.choice(NASTY)
    return right


@pytest.mark.django_db
@pytest.mark.parametrize("action", ACTIONS.values(), ids=lambda action: f"{action.name}-{action.version}")
def test_any_request_gets_an_answer_of_the_right_shape(action, api, alice, estate, caplog):
    rita = factories.make_user(alice.account, "rita", role=Role.READ_ONLY, is_demo=True)
    reader = ApiClient(AccessKey.objects.create(user=rita))
    rng = random.Random(action.name + action.version)  # noqa: S311 - the same requests every time
    with caplog.at_level(logging.ERROR):
        for _ in range(ROUNDS):
            sent = parameters(rng, action, estate)
            response = api.call(action.name, action.version, **sent)
            assert response.status_code < 500, (sent, caplog.text)
            if response.status_code == 200:
                assert misfits(response.data, action.answer | {"RequestId": str}) == [], sent
            else:
                assert all(isinstance(response.data[key], str) for key in ("Code", "Message", "HostId", "Recommend"))
                assert response.data["Code"]
                assert response.data["Message"]
            if "ClientToken" in sent:
                repeated = reader.call(action.name, action.version, **sent)
                assert not any(tunnel.psk in repeated.content.decode() for tunnel in Tunnel.objects.all()), sent
    assert not caplog.records
    # A refusal may quote a resource's name, which may be any of these texts.
    assert "hush" not in str(list(ApiCall.objects.values("parameters", "operation")))


def test_every_operation_has_words_for_the_documentation():
    for action in ACTIONS.values():
        assert action.name
        assert len({one.name for one in action.parameters}) == len(action.parameters)


def spoiled(rng: random.Random, request: dict) -> dict:
    """A signed request with some parts changed, removed or added after signing."""
    headers, query = dict(request["headers"]), dict(request["query"])
    for _ in range(rng.choice([0, 0, 1, 2, 3])):
        where, what = rng.choice([headers, query]), rng.choice(["drop", "change", "add"])
        text = rng.choice(NASTY)
        if where is headers:
            # As a server passes a header on: one line, decoded as Latin-1.
            text = text.replace("\n", "").encode("utf-8", "replace").decode("latin-1")
        if what == "add":
            names = ["x-acs-security-token", "x-acs-date", "authorization", "x-acs-signature-nonce", "accept", "host",
                     "content-type"]  # fmt: skip
            where[rng.choice(names if where is headers else [*FIXED, "Format", "Signature", "SecurityToken"])] = text
        elif where and (name := rng.choice(list(where))):
            where[name] = text
            if what == "drop":
                del where[name]
    body = rng.choice([request["body"], *NASTY]) if rng.random() < 0.3 else request["body"]
    method = rng.choice(["GET", "POST", "PUT", "DELETE", "BREW"]) if rng.random() < 0.2 else request["method"]
    return {"method": method, "query": query, "body": body, "headers": headers}


FIXED = ("AccessKeyId", "Action", "SignatureMethod", "SignatureNonce", "SignatureVersion", "Timestamp", "Version")


@pytest.mark.django_db
def test_the_door_answers_whatever_comes_through_it(api, estate, caplog):
    """Headers, methods, bodies and signatures, changed before or after signing."""
    rng = random.Random("door")  # noqa: S311 - the same requests every time
    key, statuses, codes = api.key, {}, set()
    known = list(ACTIONS.values())
    with caplog.at_level(logging.ERROR):
        for _ in range(AT_THE_DOOR):
            action = rng.choice(known)
            name = action.name if rng.random() < 0.9 else rng.choice(NASTY).replace("\n", "")
            version = action.version if rng.random() < 0.9 else rng.choice(NASTY).replace("\n", "")
            secret = key.secret if rng.random() < 0.9 else "another"
            ascii_only = [text.encode("ascii", "replace").decode() for text in (name, version)]
            sign = rng.choice([v1, v3])
            method = rng.choice(["GET", "POST"])
            sent = parameters(rng, action, estate)
            request = spoiled(rng, sign(key.access_key_id, secret, *ascii_only, sent, method))
            marks = {"x-acs-action", "x-acs-version", "Action", "Signature", "AccessKeyId", "SignatureNonce"}
            if request["method"] == "GET" and not marks & {*request["headers"], *request["query"]}:
                # Nothing marks it as an API request any more: it is a visit to the start page.
                continue
            response = send(request)
            statuses[response.status_code] = statuses.get(response.status_code, 0) + 1
            assert response.status_code < 500, (request, caplog.text)
            output = response.content.decode() + repr(dict(response.headers))
            assert key.secret not in output
            assert "Traceback" not in output
            if response.status_code != 200:
                assert response.data["Message"]
                codes.add(response.data["Code"])
    # A refusal may quote a resource's name, which may be any of these texts.
    assert "hush" not in str(list(ApiCall.objects.values("parameters", "operation")))
    print(f"{sum(statuses.values())} requests at the door: {statuses}, {len(codes)} codes")
    assert not caplog.records
    # Some requests succeed, some pass the signature check, and the others fail for many reasons.
    assert statuses[200]
    assert {"SignatureDoesNotMatch", "InvalidAction.NotFound", "InvalidHost"} <= codes
    assert len(codes) > 20
