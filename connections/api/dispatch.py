"""A request on the API door, from its bytes to a JSON answer: read, verified, run, written down."""

import json
import logging
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

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
from connections.persistence.database_outages import Why, reason
from connections.services.operations import Actor, ask_again
from connections.services.write_lock import turn, work
from connections.wire.codes import ErrorCode
from connections.wire.operations import Product

logger = logging.getLogger("connections.api")

TOKEN_LENGTH = 64
TOKEN_KEPT = timedelta(hours=24)
USE_SEEN_EVERY = REFUSAL_SEEN_EVERY = timedelta(minutes=1)
CALLS_KEPT = 1000
_OPERATION = re.compile(r"[A-Z][A-Za-z]{2,63}", re.ASCII)
_VERSION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
# Every so many rows, what has expired is removed; nobody else comes to do it.
SWEEP_EVERY = 100


@dataclass
class Arrival:
    """What is known of a request so far; the record of it is written from this, however far it came."""

    request: HttpRequest
    request_id: str
    began: float = field(default_factory=time.monotonic)
    parameters: dict[str, str] = field(default_factory=dict)
    operation: str = ""
    version: str = ""
    action: Action | None = None
    key: AccessKey | None = None
    # Whether the owner of the key has sent it: signed, in time, and not a repetition of what somebody has overheard.
    proven: bool = False

    @property
    def is_cbn(self) -> bool:
        return self.version == CBN

    @property
    def named(self) -> str:
        """The operation for records and logs, if it has the shape of one."""
        return self.operation if _OPERATION.fullmatch(self.operation) else ""

    @property
    def host(self) -> str:
        """The host that the request was sent to, if it is one of ours."""
        try:
            return self.request.get_host()
        except DisallowedHost:
            return ""


def answer(request: HttpRequest) -> HttpResponse:
    """The answer to a request, JSON whatever happens, in English whatever the browser speaks."""
    arrival = Arrival(request, getattr(request, "request_id", None) or ids.request_id())
    with override("en"):
        try:
            body, failure = _answer(arrival), None
        except Exception as error:
            body, failure = None, _failure(arrival, error)
        try:
            # A database that does not serve is not waited for a second time.
            if failure is None or failure.code != ErrorCode.UNAVAILABLE.code:
                _write_down(arrival, failure)
        except AnyDatabaseError as error:
            # The answer stands without the record of it.
            logger.error("request %s could not be written down", arrival.request_id, exc_info=error)
    return _response(arrival, body, failure)


def refuse(request: HttpRequest, code: ErrorCode, retry_after: int | None = None) -> HttpResponse:
    """An answer to a request that is not even looked at."""
    arrival = Arrival(request, getattr(request, "request_id", None) or ids.request_id())
    return _response(arrival, None, ApiError(code, retry_after=retry_after).failure)


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
    """Any exception as an answer. What nobody has foreseen is told to the log, not to the client."""
    match error:
        case ApiError():
            return error.failure
        case Invalid():
            return errors.of_problems(error.problems, is_cbn=arrival.is_cbn)
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
                metrics.UNAVAILABLE.labels(why.value).inc()
            failure = errors.of_trouble(error)
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
    # One map: what is verified is what is dispatched. The body wins over the address.
    arrival.parameters = {**query, **codec.form_of(request)}
    signed = signature.read(request, query, arrival.parameters)
    _name_operation(arrival, signed.scheme)
    arrival.key = _key(signed)
    signed.check(arrival.key.secret)
    if not arrival.key.opens:
        raise ApiError(ErrorCode.KEY_INACTIVE)
    if signed.security_token:
        raise ApiError(ErrorCode.TOKEN_NOT_TAKEN)
    _use(arrival.key, signed.nonce)
    arrival.proven = True
    if arrival.parameters.get("Format", "JSON").upper() != "JSON":
        raise ApiError(ErrorCode.FORMAT)
    arrival.action = _action(arrival)
    return {"RequestId": arrival.request_id, **_perform(arrival)}


def _name_operation(arrival: Arrival, scheme: str) -> None:
    """Action and Version stand in the query, else the body, else the headers, which only V3 signs."""
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


# --- who is there ------------------------------------------------------------------------------------------------


def _key(signed: signature.Signed) -> AccessKey:
    key = AccessKey.objects.select_related("user__account").filter(access_key_id=signed.access_key_id).first()
    if key is None:
        raise ApiError(ErrorCode.KEY_NOT_FOUND)
    return key


def _use(key: AccessKey, nonce: str) -> None:
    """Let a nonce in once, whichever process sees it first, and remember when the key was used."""
    now = clock.now()
    try:
        with turn(), transaction.atomic():
            stored = ApiNonce.objects.create(
                access_key_id=key.access_key_id, nonce=nonce, expires_at=now + 2 * signature.WINDOW
            )
    except IntegrityError:
        raise ApiError(ErrorCode.NONCE_USED) from None
    # Also a use that lies ahead, written before the clock was set back.
    if key.last_used_at is None or abs(now - key.last_used_at) > USE_SEEN_EVERY:
        AccessKey.objects.filter(pk=key.pk).update(last_used_at=now)
    if stored.pk % SWEEP_EVERY == 0:
        ApiNonce.objects.filter(expires_at__lt=now).delete()
        ApiToken.objects.filter(expires_at__lt=now).delete()


# --- the operation -----------------------------------------------------------------------------------------------


def _perform(arrival: Arrival) -> dict:
    action, user = arrival.action, arrival.key.user
    actor = Actor.of(user, arrival.request_id, key=arrival.key)
    call = Call(action, user, actor, arrival.parameters, arrival.host)
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
    """Run an operation that writes. It holds the account before it reads anything that another writer may change.

    A refusal is raised after the transaction has ended, so that the event that tells of it is kept.
    """
    with work():
        Account.objects.select_for_update(no_key=True).get(pk=call.account.pk)
        try:
            return _once(call, token) if token else call.action.handler(call)
        except (ApiError, Invalid, Refused) as error:
            refusal = error
    raise refusal


def _once(call: Call, token: str) -> dict:
    """Do what a client token names once, and answer the same user's repetitions as the first time.

    The right to write is checked again, and an answer with a key is made again for the caller. A refusal
    is not remembered, because clients try again under the same token. The account is held, so that of two that come at
    once the second finds the answer of the first.
    """
    if len(token) > TOKEN_LENGTH or not token.isascii():
        raise ApiError(
            ErrorCode.INVALID_PARAMETER, name="ClientToken", why=f"has at most {TOKEN_LENGTH} ASCII characters."
        )
    asked = {name: value for name, value in call.parameters.items() if name not in signature.V1_SYSTEM}
    digest = salted_hmac("connections.api.token", codec.canonical(asked), algorithm="sha256").hexdigest()
    which = {"user": call.user, "operation": call.action.name, "token": token}
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
    """Count the request, and refuse it beyond what the account may ask for in a minute and a region."""
    seconds = int(clock.now().timestamp())
    use = {
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


def _write_down(arrival: Arrival, failure: Failure | None) -> None:
    """Keep the request where its account can look at it, unless a stranger may have sent it."""
    if not arrival.proven:
        _count(arrival, failure)
        return
    account = arrival.key.user.account
    asked = {name: value for name, value in arrival.parameters.items() if name not in signature.V1_SYSTEM}
    call = ApiCall(
        account=account,
        access_key_id=arrival.key.access_key_id,
        request_id=arrival.request_id,
        operation=arrival.named,
        version=arrival.version if _VERSION.fullmatch(arrival.version) else "",
        parameters=shown(asked, arrival.action),
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
    """Count a request that has not proved who sent it; its key shows when that last happened."""
    with suppress(OSError):
        # Numbers that find no room are no reason to fail.
        metrics.UNPROVEN.labels(failure.code).inc()
    if arrival.key is None:
        return
    which, now = {"access_key": arrival.key, "code": failure.code}, clock.now()
    if not ApiRefusal.objects.filter(**which, at__range=(now - REFUSAL_SEEN_EVERY, now)).exists():
        with turn():
            ApiRefusal.objects.update_or_create(**which, defaults={"at": now})
