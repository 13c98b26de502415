"""Read and check signatures of requests: V1 (HMAC-SHA1) and V3 (ACS3-HMAC-SHA256)."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.http import HttpRequest

from connections import clock
from connections.api import codec
from connections.api.errors import ApiError
from connections.wire.codes import ErrorCode

ACS3 = "ACS3-HMAC-SHA256"
# How far the clocks of client and server may differ, either way.
WINDOW = timedelta(minutes=15)
NONCE_LENGTH = 128
# The parameters of a V1 request that are not the operation's.
V1_SYSTEM = frozenset(
    {
        "AccessKeyId", "Action", "Format", "Signature", "SignatureMethod", "SignatureNonce", "SignatureType",
        "SignatureVersion", "SecurityToken", "Timestamp", "Version", "BearerToken",
    }
)  # fmt: skip
_AUTHORIZATION = re.compile(
    re.escape(ACS3) + r"\s+Credential=(?P<key>[^,\s]+),\s*SignedHeaders=(?P<headers>[^,\s]*),\s*"
    r"Signature=(?P<signature>[0-9a-fA-F]+)\s*"
)


@dataclass(frozen=True)
class Signed:
    """The signature of a request and what it was made of, not checked yet."""

    access_key_id: str
    nonce: str
    timestamp: str
    security_token: str
    string_to_sign: str
    signature: str
    scheme: str

    def expected(self, secret: str) -> str:
        """The signature that this secret gives."""
        text = self.string_to_sign.encode("utf-8", "surrogateescape")
        if self.scheme == "v1":
            digest = hmac.new(f"{secret}&".encode(), text, hashlib.sha1).digest()
            return base64.b64encode(digest).decode()
        return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()

    def check(self, secret: str) -> None:
        """Compare the signature in constant time, then the timestamp, which can be trusted only now."""
        if not hmac.compare_digest(self.expected(secret).encode(), self.signature.encode("utf-8", "replace")):
            raise ApiError(ErrorCode.SIGNATURE_DOES_NOT_MATCH, string=self.string_to_sign)
        if abs(clock.real() - moment(self.timestamp)) > WINDOW:
            raise ApiError(ErrorCode.TIMESTAMP_EXPIRED)


def moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise ApiError(ErrorCode.TIMESTAMP_FORMAT) from None


def read(request: HttpRequest, query: Mapping[str, str], parameters: Mapping[str, str]) -> Signed:
    """The signature of a request: V3 is in the Authorization header, V1 among the parameters."""
    authorization = request.headers.get("Authorization", "")
    if authorization:
        return _read_v3(request, authorization, query)
    return _read_v1(request.method or "", parameters)


def _read_v1(method: str, parameters: Mapping[str, str]) -> Signed:
    for name, code in (
        ("AccessKeyId", ErrorCode.MISSING_ACCESS_KEY),
        ("Signature", ErrorCode.MISSING_SIGNATURE),
        ("SignatureNonce", ErrorCode.MISSING_NONCE),
        ("Timestamp", ErrorCode.MISSING_TIMESTAMP),
    ):
        if not parameters.get(name):
            raise ApiError(code)
    if parameters.get("SignatureMethod", "HMAC-SHA1").upper() != "HMAC-SHA1":
        raise ApiError(ErrorCode.SIGNATURE_METHOD)
    if parameters.get("SignatureVersion", "1.0") != "1.0" or parameters.get("SignatureType"):
        raise ApiError(ErrorCode.SIGNATURE_METHOD)
    signed = {name: value for name, value in parameters.items() if name != "Signature"}
    return _checked(
        Signed(
            access_key_id=parameters["AccessKeyId"],
            nonce=parameters["SignatureNonce"],
            timestamp=parameters["Timestamp"],
            security_token=parameters.get("SecurityToken", ""),
            string_to_sign=f"{method}&%2F&{codec.percent(codec.canonical(signed))}",
            signature=parameters["Signature"],
            scheme="v1",
        )
    )


def _read_v3(request: HttpRequest, authorization: str, query: Mapping[str, str]) -> Signed:
    match = _AUTHORIZATION.fullmatch(authorization.strip())
    if match is None:
        if not authorization.startswith(ACS3):
            raise ApiError(ErrorCode.SIGNATURE_METHOD)
        raise ApiError(ErrorCode.INCOMPLETE_SIGNATURE, what="Credential, SignedHeaders and Signature")
    headers = {name.lower(): value.strip() for name, value in request.headers.items()}
    for name, code in (
        ("x-acs-signature-nonce", ErrorCode.MISSING_NONCE),
        ("x-acs-date", ErrorCode.MISSING_TIMESTAMP),
    ):
        if not headers.get(name):
            raise ApiError(code)
    names = match["headers"].lower().split(";")
    required = {"host", *(name for name in headers if name.startswith("x-acs-"))}
    if request.body:
        # It decides whether the body is parsed as parameters.
        required.add("content-type")
    if missing := sorted(required - set(names)) or sorted(set(names) - set(headers)):
        raise ApiError(ErrorCode.INCOMPLETE_SIGNATURE, what=f"the header {missing[0][:64]}")
    body_hash = hashlib.sha256(request.body).hexdigest()
    if not hmac.compare_digest(body_hash.encode(), headers.get("x-acs-content-sha256", "").lower().encode()):
        raise ApiError(ErrorCode.BODY_HASH)
    block = "".join(f"{name}:{_header(headers[name])}\n" for name in names)
    request_text = "\n".join(
        [request.method or "", "/", codec.canonical(query), block, ";".join(names), headers["x-acs-content-sha256"]]
    )
    digest = hashlib.sha256(request_text.encode("utf-8", "surrogateescape")).hexdigest()
    return _checked(
        Signed(
            access_key_id=match["key"],
            nonce=headers["x-acs-signature-nonce"],
            timestamp=headers["x-acs-date"],
            security_token=headers.get("x-acs-security-token", ""),
            string_to_sign=f"{ACS3}\n{digest}",
            signature=match["signature"].lower(),
            scheme="v3",
        )
    )


def _checked(signed: Signed) -> Signed:
    if len(signed.nonce) > NONCE_LENGTH:
        raise ApiError(ErrorCode.NONCE_TOO_LONG, maximum=NONCE_LENGTH)
    moment(signed.timestamp)
    return signed


def _header(value: str) -> str:
    """A header as it was sent. WSGI passes its bytes as Latin-1."""
    return value.encode("latin-1", "replace").decode("utf-8", "surrogateescape")
