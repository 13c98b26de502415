"""Answer an API request: parse it, check its signature, run the operation, record the request."""

import json
import logging
import re
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.db import Error as AnyDatabaseError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils.crypto import salted_hmac
from django.utils.translation import override

from connections import clock, ids, metrics
from connections.api import actions, codec, errors, signature
from connections.api.errors import ApiError, Failure
from connections.api.registry import CBN, Action, Call, shown
from connections.domain.refusals import Invalid, Refused
from connections.domain.roles import Right
from connections.models import AccessKey, Account, ApiCall, ApiNonce, ApiRefusal, ApiToken, ApiUse
from connections.persistence.database_outages import Why, fate, reason
from connections.services.operations import Actor, ask_again
from connections.services.write_lock import turn, work
from connections.wire import groups
from connections.wire.codes import ErrorCode
from connections.wire.operations import Product

logger = logging.getLogger("connections.api")

TOKEN_LENGTH = 64
TOKEN_KEPT = timedelta(hours=24)
USE_SEEN_EVERY = REFUSAL_SEEN_EVERY = timedelta(minutes=1)
CALLS_KEPT = 1000
_OPERATION = re.compile(r"[A-Z][A-Za-z]{2,63}", re.ASCII)
_VERSION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
# Each time that so many rows were added, expired ones are removed.
SWEEP_EVERY = 100


@dataclass
class Arrival:
    """A request and what is known of it so far. Its record is made from this, however far it came."""

    request: HttpRequest
    request_id: str
    began: float = field(default_factory=time.monotonic)
    parameters: dict[str, str] = field(default_factory=dict)
    operation: str = ""
    version: str = ""
    action: Action | None = None
    # The key that the request names.
    key: AccessKey | None = None
    # The same key, once the request is known to come from its owner: signed, in time, and not sent before.
    sender: AccessKey | None = None

    @property
    def is_cbn(self) -> bool:
        return self.version == CBN

    @property
    def is_dual(self) -> bool:
        """Whether the request has parameters of two tunnels."""
        return any(name.partition(".")[0] == groups.TUNNELS for name in self.parameters)

    @property
    def named(self) -> str:
        """The name of the operation for records and logs, if it has the form of one."""
        return self.operation if _OPERATION.fullmatch(self.operation) else ""

    @property
    def host(self) -> str:
        """The host to which the request was sent, if this server answers for it."""
        try:
            return self.request.get_host()
        except DisallowedHost:
            return ""


def answer(request: HttpRequest) -> HttpResponse:
    """Answer a request. The answer is always JSON, and always in English."""
    arrival = Arrival(request, getattr(request, "request_id", None) or ids.request_id())
    with override("en"):
        try:
            body, failure = _answer(arrival), None
        except Exception as error:
            body, failure = None, _failure(arrival, error)
        try:
            # Don't wait for an unavailable database a second time.
            if failure is None or failure.code != ErrorCode.UNAVAILABLE.code:
                _record(arrival, failure)
        except AnyDatabaseError as error:
            # Answer without a record.
            logger.error("request %s could not be written down", arrival.request_id, exc_info=error)
    return _response(arrival, body, failure)


def refuse(request: HttpRequest, code: ErrorCode, retry_after: int | None = None, **facts: object) -> HttpResponse:
    """Refuse a request without reading it. `facts` fill the gaps of the sentence."""
    arrival = Arrival(request, getattr(request, "request_id", None) or ids.request_id())
    return _response(arrival, None, ApiError(code, retry_after=retry_after, **facts).failure)


def _response(arrival: Arrival, body: dict | None, failure: Failure | None) -> HttpResponse:
    if failure:
        body = {
            "RequestId": arrival.request_id,
            "HostId": arrival.host,
            "Code": failure.code,
            "Message": failure.message,
            "Recommend": "",
        }
    response = HttpResponse(
        json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"),
        content_type="application/json;charset=utf-8",
        status=failure.status if failure else 200,
        headers={"x-acs-request-id": arrival.request_id, "Cache-Control": "no-store"},
    )
    if failure and failure.status == ErrorCode.METHOD.status:
        response["Allow"] = "GET, POST"
    if failure and failure.retry_after is not None:
        response["x-acs-retry-after"] = str(failure.retry_after)
    return response


def _failure(arrival: Arrival, error: Exception) -> Failure:
    """The answer to an exception. An unexpected one is described in the log only."""
    match error:
        case ApiError():
            return error.failure
        case Invalid():
            return errors.of_problems(error.problems, is_cbn=arrival.is_cbn, is_dual=arrival.is_dual)
        case Refused():
            return errors.of_refusal(error.code, error.message, is_cbn=arrival.is_cbn)
        case codec.MalformedRequest():
            return ApiError(ErrorCode.UNREADABLE, why=str(error)).failure
        case RequestDataTooBig():
            return ApiError(ErrorCode.TOO_LARGE).failure
        case UnreadablePostError():
            return ApiError(ErrorCode.CUT_OFF).failure
        case _ if why := reason(error):
            if why is not Why.TOO_MUCH:
                metrics.count(metrics.UNAVAILABLE, why.value)
            failure = errors.of_outage(why, fate(error))
            logger.error("%s: %s Request ID %s", arrival.named, failure.message, arrival.request_id)
            return failure
    logger.error("%s failed, request ID %s", arrival.named, arrival.request_id, exc_info=error)
    return ApiError(ErrorCode.INTERNAL).failure


def _answer(arrival: Arrival) -> dict:
    request = arrival.request
    if not arrival.host:
        raise ApiError(ErrorCode.HOST)
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        raise ApiError(ErrorCode.PLAIN_HTTP)
    if request.method not in ("GET", "POST"):
        raise ApiError(ErrorCode.METHOD)
    if request.path_info != "/":
        raise ApiError(ErrorCode.PATH_NOT_FOUND)
    query = codec.query_of(request)
    # The signature covers the very parameters that the operation gets. The body overrides the address.
    arrival.parameters = {**query, **codec.form_of(request)}
    signed = signature.read(request, query, arrival.parameters)
    _name_operation(arrival, signed.scheme)
    key = arrival.key = _key(signed)
    signed.check(key.secret)
    if not key.opens:
        raise ApiError(ErrorCode.KEY_INACTIVE)
    if signed.security_token:
        raise ApiError(ErrorCode.TOKEN_NOT_TAKEN)
    _use(key, signed.nonce)
    arrival.sender = key
    if arrival.parameters.get("Format", "JSON").upper() != "JSON":
        raise ApiError(ErrorCode.FORMAT)
    action = arrival.action = _action(arrival)
    return {"RequestId": arrival.request_id, **_perform(arrival, action, key)}


def _name_operation(arrival: Arrival, scheme: str) -> None:
    """Find Action and Version in the query, else the body, else the headers, which only V3 signs."""
    headers = arrival.request.headers if scheme == "v3" else {}
    arrival.operation = arrival.parameters.get("Action") or headers.get("x-acs-action", "")
    arrival.version = arrival.parameters.get("Version") or headers.get("x-acs-version", "")


def _action(arrival: Arrival) -> Action:
    if not arrival.operation:
        raise ApiError(ErrorCode.MISSING_ACTION)
    if not arrival.version:
        raise ApiError(ErrorCode.MISSING_VERSION)
    if arrival.version not in list(Product):
        raise ApiError(ErrorCode.VERSION_NOT_FOUND, version=arrival.version[:32])
    action = actions.ACTIONS.get((arrival.version, arrival.operation))
    if action is None:
        raise ApiError(ErrorCode.ACTION_NOT_FOUND, version=arrival.version, action=arrival.operation[:64])
    return action


# --- the sender ------------------------------------------------------------------------------------------------


def _key(signed: signature.Signed) -> AccessKey:
    key = AccessKey.objects.select_related("user__account").filter(access_key_id=signed.access_key_id).first()
    if key is None:
        raise ApiError(ErrorCode.KEY_NOT_FOUND)
    return key


def _use(key: AccessKey, nonce: str) -> None:
    """Accept a nonce once, in whichever process it arrives first, and store when the key was used."""
    now, real = clock.now(), clock.real()
    try:
        with turn(), transaction.atomic():
            stored = ApiNonce.objects.create(
                access_key_id=key.access_key_id, nonce=nonce, expires_at=real + 2 * signature.WINDOW
            )
    except IntegrityError:
        raise ApiError(ErrorCode.NONCE_USED) from None
    # A use in the future was stored before the clock was set back.
    if key.last_used_at is None or abs(now - key.last_used_at) > USE_SEEN_EVERY:
        AccessKey.objects.filter(pk=key.pk).update(last_used_at=now)
    if stored.pk % SWEEP_EVERY == 0:
        ApiNonce.objects.filter(expires_at__lt=real).delete()
        ApiToken.objects.filter(expires_at__lt=now).delete()


# --- the operation -----------------------------------------------------------------------------------------------


def _perform(arrival: Arrival, action: Action, key: AccessKey) -> dict:
    actor = Actor.of(key.user, arrival.request_id, key=key)
    call = Call(action, key.user, actor, arrival.parameters, arrival.host)
    if settings.API_THROTTLING:
        _throttle(call)
    call.values = action.values(arrival.parameters)
    if (region_id := call.values.get("RegionId")) and region_id not in actions.REGIONS:
        raise ApiError(ErrorCode.ILLEGAL_REGION if action.is_cbn else ErrorCode.REGION_NOT_FOUND)
    if action.dry_run and _is_dry(arrival.parameters):
        _rehearse(call)
    return _write(call, arrival.parameters.get("ClientToken", "")) if action.writes else action.handler(call)


def _is_dry(parameters: dict[str, str]) -> bool:
    text = parameters.get("DryRun", "")
    dry = codec.boolean(text) if text else False
    if dry is None:
        raise ApiError(ErrorCode.INVALID_PARAMETER, name="DryRun", why="must be true or false.")
    return dry


def _rehearse(call: Call) -> None:
    """Run the operation and roll it back. A refusal's event stays; success is reported as DryRunOperation."""
    with work():
        call.action.handler(call)
        raise ApiError(ErrorCode.DRY_RUN)


def _write(call: Call, token: str) -> dict:
    """Run an operation that writes. Lock the account first, so that nothing that it reads changes meanwhile.

    A refusal is raised after the transaction, so that its event is kept.
    """
    with work():
        Account.objects.select_for_update(no_key=True).get(pk=call.account.pk)
        try:
            return _once(call, token) if token else call.action.handler(call)
        except (ApiError, Invalid, Refused) as error:
            refusal = error
    raise refusal


def _once(call: Call, token: str) -> dict:
    """Run the operation once for each client token, and repeat its answer to later requests of the same user.

    A repetition needs the right to write, and an answer with a key is made again for the caller. A refusal is not
    stored, because clients try again with the same token. The account is locked, so that the second of two simultaneous
    requests gets the answer to the first.
    """
    if len(token) > TOKEN_LENGTH or not token.isascii():
        raise ApiError(
            ErrorCode.INVALID_PARAMETER, name="ClientToken", why=f"has at most {TOKEN_LENGTH} ASCII characters."
        )
    sent = {name: value for name, value in call.parameters.items() if name not in signature.V1_SYSTEM}
    digest = salted_hmac("connections.api.token", codec.canonical(sent), algorithm="sha256").hexdigest()
    which: dict[str, Any] = {"user": call.user, "operation": call.action.name, "token": token}
    stored = ApiToken.objects.filter(**which).first()
    if stored is not None and stored.expires_at > clock.now():
        ask_again(call.actor, Right.WRITE)
        if stored.parameters != digest:
            raise ApiError(ErrorCode.TOKEN_MISMATCH)
        return call.action.redraw(call) if call.action.redraw else stored.answer
    if stored is not None:
        stored.delete()
    answer = call.action.handler(call)
    expires = clock.now() + TOKEN_KEPT
    kept = {} if call.action.redraw else answer
    ApiToken.objects.create(**which, parameters=digest, answer=kept, expires_at=expires)
    return answer


def _throttle(call: Call) -> None:
    """Count the request, and refuse it beyond the limit of the account for a minute and a region."""
    seconds = int(clock.real().timestamp())
    use: dict[str, Any] = {
        "account": call.account,
        "operation": call.action.name,
        "region_id": call.parameters.get("RegionId", "")[:32],
        "minute": seconds // 60,
    }
    with turn(), transaction.atomic():
        ApiUse.objects.get_or_create(**use)
        ApiUse.objects.filter(**use).update(count=F("count") + 1)
        count = ApiUse.objects.values_list("count", flat=True).get(**use)
        if count == 1:
            ApiUse.objects.filter(minute__lt=use["minute"]).delete()
    if count > call.action.limit:
        raise ApiError(ErrorCode.THROTTLED, limit=call.action.limit, retry_after=(60 - seconds % 60) * 1000)


# --- the record --------------------------------------------------------------------------------------------------


def _record(arrival: Arrival, failure: Failure | None) -> None:
    """Record the request for its account, or count it if a stranger may have sent it."""
    if arrival.sender is not None:
        _store(arrival, arrival.sender, failure)
    elif failure is not None:
        _count(arrival, failure)


def _store(arrival: Arrival, key: AccessKey, failure: Failure | None) -> None:
    account = key.user.account
    sent = {name: value for name, value in arrival.parameters.items() if name not in signature.V1_SYSTEM}
    call = ApiCall(
        account=account,
        access_key_id=key.access_key_id,
        request_id=arrival.request_id,
        operation=arrival.named,
        version=arrival.version if _VERSION.fullmatch(arrival.version) else "",
        parameters=shown(sent, arrival.action),
        status=failure.status if failure else 200,
        code=failure.code[:128] if failure else "",
        message=failure.brief[:1000] if failure else "",
        milliseconds=round((time.monotonic() - arrival.began) * 1000),
    )
    with turn():
        call.save()
    if call.pk % SWEEP_EVERY == 0:
        last = ApiCall.objects.of(account).order_by("-id").values_list("pk", flat=True)[CALLS_KEPT : CALLS_KEPT + 1]
        ApiCall.objects.of(account).filter(pk__lte=next(iter(last), 0)).delete()


def _count(arrival: Arrival, failure: Failure) -> None:
    """Count a request that did not prove who sent it. The page of its key shows when that last happened."""
    metrics.count(metrics.UNPROVEN, failure.code)
    if arrival.key is None:
        return
    which: dict[str, Any] = {"access_key": arrival.key, "code": failure.code}
    now = clock.now()
    if not ApiRefusal.objects.filter(**which, at__range=(now - REFUSAL_SEEN_EVERY, now)).exists():
        with turn():
            ApiRefusal.objects.update_or_create(**which, defaults={"at": now})
