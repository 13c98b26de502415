"""API requests, signed as official clients do. The signatures are deliberately implemented a second time."""

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Iterable
from itertools import count
from typing import Any
from urllib.parse import quote, urlencode

from django.test import Client

from connections import clock

VPC, CBN = "2016-04-28", "2017-09-12"
_numbers = count(1)


def escaped(text) -> str:
    return quote(str(text), safe="-_.~")


def joined(parameters: dict) -> str:
    return "&".join(f"{escaped(name)}={escaped(parameters[name])}" for name in sorted(parameters))


def flat(value, prefix="") -> dict[str, str]:
    """Parameters as SDKs flatten them: lists count from 1."""
    items: Iterable[tuple[object, object]]
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, (list, tuple)):
        items = enumerate(value, 1)
    else:
        return {prefix: str(value)}
    parameters: dict[str, str] = {}
    for name, inner in items:
        parameters |= flat(inner, f"{prefix}.{name}" if prefix else str(name))
    return parameters


def timestamp() -> str:
    return f"{clock.real():%Y-%m-%dT%H:%M:%SZ}"


def v1(key_id, secret, action, version=VPC, parameters=None, method="POST", body=None, **system):
    """A request for `send`, signed with HMAC-SHA1."""
    query = {
        "AccessKeyId": key_id,
        "Action": action,
        "Format": "JSON",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": f"nonce-{next(_numbers)}",
        "SignatureVersion": "1.0",
        "Timestamp": timestamp(),
        "Version": version,
        **flat(parameters or {}),
    } | system
    query = {name: value for name, value in query.items() if value is not None}
    text = f"{method}&%2F&{escaped(joined(query | (body or {})))}"
    digest = hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha1).digest()
    query.setdefault("Signature", base64.b64encode(digest).decode())
    return {"method": method, "query": query, "body": urlencode(body) if body else "", "headers": {}}


def v3(key_id, secret, action, version=VPC, parameters=None, method="POST", body="", **changed):
    """The same with ACS3-HMAC-SHA256. `body` is the text of a form."""
    query = flat(parameters or {})
    headers = {
        "host": "testserver",
        "x-acs-action": action,
        "x-acs-content-sha256": hashlib.sha256(body.encode()).hexdigest(),
        "x-acs-date": timestamp(),
        "x-acs-signature-nonce": f"nonce-{next(_numbers)}",
        "x-acs-version": version,
        **({"content-type": "application/x-www-form-urlencoded"} if body else {}),
    } | {name.replace("_", "-"): value for name, value in changed.items()}
    headers = {name: headers[name] for name in sorted(headers) if headers[name] is not None}
    block = "".join(f"{name}:{value}\n" for name, value in headers.items())
    names = ";".join(headers)
    request = "\n".join([method, "/", joined(query), block, names, headers.get("x-acs-content-sha256", "")])
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    headers["authorization"] = f"ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={names},Signature={signature}"
    return {"method": method, "query": query, "body": body, "headers": headers}


def send(request: dict, path="/"):
    """The response, with its JSON as `data`. Asserts that it is JSON."""
    headers = dict(request["headers"])
    content_type = headers.pop("content-type", "application/x-www-form-urlencoded")
    response: Any = Client(raise_request_exception=True).generic(
        request["method"],
        f"{path}?{urlencode(request['query'], safe='/:')}" if request["query"] else path,
        request["body"],
        content_type=content_type,
        headers=headers,
    )
    assert response["Content-Type"] == "application/json;charset=utf-8", response.content[:300]
    response.data = json.loads(response.content)
    assert response.data["RequestId"]
    return response


def call_at(browser, pair: tuple[str, str], action: str, version=VPC, **parameters):
    """Call an operation of a running server through a `Browser`, with a new signature."""
    host = f"127.0.0.1:{browser.server.port}"
    # Nonces must be unique, also if several processes sign at once.
    request = v3(*pair, action, version, parameters, host=host, x_acs_signature_nonce=str(uuid.uuid4()))
    return browser.ask("POST", f"/?{urlencode(request['query'], safe='/:')}", headers=request["headers"])


class ApiClient:
    """Calls operations with an access key."""

    def __init__(self, key, sign=v3):
        self.key, self.sign = key, sign

    def call(self, action, version=VPC, **parameters):
        return send(self.sign(self.key.access_key_id, self.key.secret, action, version, parameters))

    def ok(self, action, version=VPC, **parameters) -> dict:
        response = self.call(action, version, **parameters)
        assert response.status_code == 200, response.data
        return response.data

    def no(self, action, version=VPC, **parameters) -> str:
        """The code of a refusal."""
        response = self.call(action, version, **parameters)
        assert response.status_code >= 400, response.data
        assert {"Code", "Message", "RequestId", "HostId", "Recommend"} <= set(response.data)
        return response.data["Code"]
