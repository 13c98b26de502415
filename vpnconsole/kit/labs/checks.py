"""Checks of labs: assertions about a world, each with a sentence for every way of failing.

A check in a file is a mapping. Its first key is its kind, a function below; the others are that function's parameters.
A function yields what is not so yet, the first of which is shown.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import Any, get_args, get_origin

from django.utils.functional import lazy

from connections.console.negotiations import side_label_parts
from connections.domain.choices import ConnectionState, NegotiationStatus, Payer
from connections.messages import Message
from connections.messages import message as _
from connections.negotiation import BgpState, HealthStatus
from vpnconsole.kit.labs.facts import Facts, Link, Tie, digest

Faults = Iterator[Message]
# Remarks on a tunnel that is up through which not all traffic passes.
PATH = ("U3", "U8", "U12", "U13", "U14")
# The field of a tunnel that `unbroken` compares with what it was.
UP_SINCE = "up since"
# The label of a field without its phase, in the language of the reader.
_bare_label = lazy(lambda name: _own_label(name) or side_label_parts(name)[1], str)


def _own_label(name: str) -> str:
    return {"address": "IP", "description": str(_("Description"))}.get(name, "")


def _label(name: str) -> Any:
    """The label of a field. Stored in parts, since it is read in another language, too."""
    phase, label = side_label_parts(name)[0], _bare_label(name)
    return _("{phase}: {label}", phase=phase, label=label) if phase else label


@dataclass(frozen=True)
class Check:
    """An assertion. `because`: the sentence for failing, by language, where that of the check would not help."""

    kind: str
    values: Mapping[str, Any]
    because: Mapping[str, str]

    def faults(self, facts: Facts) -> Faults:
        return KINDS[self.kind](facts, **self.values)


def problems(kind: str, values: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a check in a file, in sentences for its author."""
    if kind not in KINDS:
        yield f"there is no check `{kind}`. There are {', '.join(f'`{one}`' for one in KINDS)}."
        return
    known = dict(list(inspect.signature(KINDS[kind]).parameters.items())[1:])
    for name, value in values.items():
        if name not in known:
            yield f"`{kind}` has no `{name}`. It has {', '.join(f'`{one}`' for one in known)}."
        elif not _fits(value, known[name].annotation):
            yield f"`{name}` of `{kind}` has a value of another type."
    for name, parameter in known.items():
        if parameter.default is parameter.empty and name not in values:
            yield f"`{kind}` needs `{name}`."


def _fits(value: object, annotation: Any) -> bool:
    options = get_args(annotation) if get_origin(annotation) not in (list, dict) else (annotation,)
    kinds = tuple(get_origin(one) or one for one in (options or (annotation,)))
    return isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))


# --- what several have in common ----------------------------------------------------------------------------------


def _named(facts: Facts, name: str) -> Link | Message:
    return facts.links.get(name) or _("There is no connection {name}.", name=name)


def _tunnels(link: Link, number: int) -> list[Tie]:
    return [tunnel for tunnel in link.tunnels if number in (0, tunnel.number)]


def _of(link: Link, tunnel: Tie) -> Any:
    """What a sentence calls a tunnel."""
    return _numbered(link.values["name"], tunnel.number if len(link.tunnels) > 1 else 0)


def _numbered(name: str, number: int) -> Any:
    """What a sentence calls one tunnel of a connection, or all of them."""
    return _("{name} (tunnel {number})", number=number, name=name) if number else name


def is_as(value: Any, wanted: Any) -> bool:
    """Whether a value is as a lab wants it: equal, or of lists in any order; or as a mapping says."""
    if isinstance(wanted, dict):
        tests: Mapping[str, Callable[[Any], bool]] = {
            "one_of": lambda given: value in given,
            "not": lambda given: not is_as(value, given),
            "at_least": lambda given: (value or 0) >= given,
            "length": lambda given: len(value or "") >= given,
            "has": lambda given: given in (value or ()),
        }
        return all(tests[name](given) for name, given in wanted.items())
    if isinstance(value, list) and isinstance(wanted, list):
        return sorted(map(str, value)) == sorted(map(str, wanted))
    return value == wanted


def _differing(values: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[str]:
    """The names of values that are not as a lab wants them."""
    return (name for name, one in wanted.items() if not is_as(values.get(name), one))


def _not_as_wanted(values: Mapping[str, Any], wanted: Mapping[str, Any], of: Any) -> Faults:
    for name in _differing(values, wanted):
        yield _("{field} of {name} is not yet as the task says.", field=_label(name), name=of)


# --- the kinds ----------------------------------------------------------------------------------------------------


def _connection(
    facts: Facts,
    connection: str,
    values: dict | None = None,
    state: str = "",
    router: str = "",
    detached: bool = False,
    authorized: dict | None = None,
    routes: list | None = None,
) -> Faults:
    """A connection with values of its document; its state, its transit router, who may attach it and who pays."""
    link = _named(facts, connection)
    if isinstance(link, Message):
        yield link
        return
    yield from _not_as_wanted(link.values, values or {}, connection)
    if state and link.state != state:
        wanted = ConnectionState(state)
        yield _("{name} is {state}, and should be {wanted}.", name=connection, state=link.state, wanted=wanted)
    if router and link.router != router:
        yield _("{name} is not attached to {router}.", name=connection, router=router)
    if detached and link.router:
        yield _("{name} is still attached to {router}.", name=connection, router=link.router)
    there = [route["destination"] for route in link.values["routes"]]
    for destination in routes or ():
        if destination not in there:
            yield _("{name} has no route to {destination}.", name=connection, destination=destination)
    for account, payer in (authorized or {}).items():
        if account not in link.authorizations:
            yield _("{name} is not authorized for {account}.", name=connection, account=account)
        elif payer and link.authorizations[account] != payer:
            pays = Payer(payer)
            yield _("{name} is authorized for {account}, but not with: {payer}.",
                    name=connection, account=account, payer=pays)  # fmt: skip


def _tunnel(
    facts: Facts,
    tunnel: str,
    number: int = 0,
    values: dict | None = None,
    status: str = "",
    bgp: str = "",
    learned: list | None = None,
    health: str = "",
    agreed: dict | None = None,
    without: list | None = None,
    unbroken: bool = False,
) -> Faults:
    """The tunnels of a connection, or one: values of the cloud's side, and their outcome.

    `agreed`: the networks of both sides; `without`: rows of docs/negotiation.md that must not be among its remarks;
    `unbroken`: up since before the world began.
    """
    link = _named(facts, tunnel)
    if isinstance(link, Message):
        yield link
        return
    for one in _tunnels(link, number):
        of = _of(link, one)
        yield from _not_as_wanted(one.values, values or {}, of)
        yield from _become(facts, one, of, status, bgp, learned or [], health, agreed, without or [])
        if unbroken and next(_unchanged(facts, tunnel, UP_SINCE, number=one.number), None):
            yield _("{name} has gone down since the lab began.", name=of)


def _become(
    facts: Facts,
    one: Tie,
    of: Any,
    status: str,
    bgp: str,
    learned: list[str],
    health: str,
    agreed: dict | None,
    without: list[str],
) -> Faults:
    found = one.outcome
    if status and found.status != status:
        yield (
            _not_up(found, of)
            if status == NegotiationStatus.IPSEC_UP
            else _("{name} has another status: {status}.", name=of, status=found.status)
        )
    session = found.bgp.state if found.bgp else None
    if bgp and session != BgpState(bgp):
        yield _("The BGP session of {name} is not established.", name=of)
    routes = {route.prefix for route in found.bgp.routes if not route.row} if found.bgp else set()
    for prefix in learned:
        if prefix not in routes:
            yield _("{name} has not learned {prefix}.", name=of, prefix=prefix)
    if health and (found.health is None or found.health.status != HealthStatus(health)):
        yield _("The health check of {name} does not get its answers.", name=of)
    if agreed:
        pair = found.agreed.selectors if found.agreed else None
        if pair is None or not all(is_as([*getattr(pair, side)], agreed[side]) for side in agreed):
            yield _("{name} has not agreed on the networks that the task names.", name=of)
    for row in without:
        if note := one.notes.get(row):
            yield _("Something is still wrong with {name}: {what}", name=of, what=note.message)


def _not_up(found: Any, of: Any) -> Message:
    if found.code:
        return _("{name} is not up: {status}, {code}.", name=of, status=found.status, code=found.code.value)
    return _("{name} is not up: {status}.", name=of, status=found.status)


def _device(facts: Facts, device: str, values: dict, number: int = 0) -> Faults:
    """The simulated devices of a connection, or one, with settings by their names in documents."""
    link = _named(facts, device)
    if isinstance(link, Message):
        yield link
        return
    for one in _tunnels(link, number):
        if not one.device.get("is_configured"):
            yield _("The device of {name} is not configured.", name=_of(link, one))
        for name in _differing(one.device, values):
            yield _("{field} of the device of {name} is not yet as the task says.",
                    field=_label(name), name=_of(link, one))  # fmt: skip


def _gateway(facts: Facts, gateway: str, values: dict | None = None) -> Faults:
    """A customer gateway with values of its document."""
    found = facts.gateways.get(gateway)
    if found is None:
        yield _("There is no customer gateway {name}.", name=gateway)
        return
    yield from _not_as_wanted(found, values or {}, gateway)


def _same(facts: Facts, same: str, fields: list, number: int = 0) -> Faults:
    """Both sides of a tunnel have equal values of these fields, of which the device may have a list."""
    link = _named(facts, same)
    if isinstance(link, Message):
        yield link
        return
    for one in _tunnels(link, number):
        for name in fields:
            cloud, device = one.values.get(name), one.device.get(name)
            if device not in (cloud, [cloud]):
                yield _("{field} of {name} is not the same on both sides.", field=_label(name), name=_of(link, one))


def _distinct(facts: Facts, distinct: str, field: str) -> Faults:
    """The tunnels of a connection have different values of a field."""
    link = _named(facts, distinct)
    if isinstance(link, Message):
        yield link
        return
    values = [one.values.get(field) for one in link.tunnels]
    if len({*map(str, values)}) < len(values):
        yield _("Both tunnels of {name} have the same value: {field}.", name=distinct, field=_label(field))


def _gone(facts: Facts, gone: str, kind: str = "connection") -> Faults:
    """A connection, `gateway`, `cen` or `router` that was deleted."""
    if gone in facts.others[kind]:
        yield _("{name} is still there.", name=gone)


def _there(facts: Facts, there: str, kind: str = "connection") -> Faults:
    """A connection, `gateway`, `cen` or `router` that exists."""
    if there not in facts.others[kind]:
        yield _("{name} is not there.", name=there)


def key_of(name: str, of: str, field: str, number: int) -> str:
    return f"{of} {name} {number} {field}"


def value_of(facts: Facts, name: str, of: str, field: str, number: int) -> Any:
    """What `unchanged` and `changed` compare; None if the thing is gone."""
    if of == "gateway":
        return facts.gateways.get(name, {}).get(field)
    link = facts.links.get(name)
    if link is None:
        return None
    if field == UP_SINCE:
        return [one.outcome.established_at for one in _tunnels(link, number)]
    if of == "connection":
        return link.values.get(field)
    return [(one.device if of == "device" else one.values).get(field) for one in _tunnels(link, number)]


def compared(check: Check, facts: Facts) -> Iterator[tuple[str, str, str, int]]:
    """What a check compares with the beginning: the arguments of `key_of` and `value_of`."""
    given = check.values
    if check.kind in ("unchanged", "changed"):
        yield given[check.kind], given.get("of", "tunnel"), given["field"], given.get("number", 0)
    elif given.get("unbroken") and (link := facts.links.get(given["tunnel"])):
        for one in _tunnels(link, given.get("number", 0)):
            yield given["tunnel"], "tunnel", UP_SINCE, one.number


def _unchanged(facts: Facts, unchanged: str, field: str, of: str = "tunnel", number: int = 0) -> Faults:
    """A value of a `connection`, its `tunnel`, `device`, or a `gateway` is what it was when the world began."""
    if digest(value_of(facts, unchanged, of, field, number)) != facts.base.get(key_of(unchanged, of, field, number)):
        yield _("{field} of {name} has to stay as it was.", field=_label(field), name=_numbered(unchanged, number))


def _changed(facts: Facts, changed: str, field: str, of: str = "tunnel", number: int = 0) -> Faults:
    """The opposite."""
    if digest(value_of(facts, changed, of, field, number)) == facts.base.get(key_of(changed, of, field, number)):
        yield _("{field} of {name} is still what it was.", field=_label(field), name=_numbered(changed, number))


def _event(facts: Facts, event: str | list, by: str = "person", about: str = "") -> Faults:
    """Something that a `person` has done, by pages or by the API, or an access `key`; `about`: a connection.

    Of several operations, one is enough.
    """
    names = [event] if isinstance(event, str) else event
    link = facts.links.get(about) if about else None
    for one in facts.events:
        is_about = not about or (link is not None and link.id in (one.resource_id, one.related_id))
        if one.operation in names and is_about and (by == "person" or one.request_id in facts.by_key):
            return
    if "ModifyDevice" in names and by == "person":
        yield _(
            "Correct only what is wrong. Loading the whole configuration into the device of {name} does not count.",
            name=about,
        )
    elif by == "key":
        yield _("The API has not been called for this yet: {operation}.", operation=names[0])
    elif about:
        yield _("You have not done this to {name} yet: {operation}.", name=about, operation=names[0])
    else:
        yield _("You have not done this yet: {operation}.", operation=names[0])


def _path(facts: Facts, path: str) -> Faults:
    """Traffic passes between all networks of both sides, both ways, whatever its size."""
    link = _named(facts, path)
    if isinstance(link, Message):
        yield link
        return
    blocked = [_blocked(link, tunnel) for tunnel in link.tunnels]
    if all(blocked):
        yield next(one for one in blocked if one)


def _blocked(link: Link, tunnel: Tie) -> Message | None:
    """Why not everything passes through a tunnel."""
    of = _of(link, tunnel)
    if not tunnel.is_up or tunnel.outcome.agreed is None:
        return _not_up(tunnel.outcome, of)
    for row in PATH:
        if note := tunnel.notes.get(row):
            return _("Something is still wrong with {name}: {what}", name=of, what=note.message)
    if not tunnel.outcome.receives:
        return _("No answers arrive through {name}.", name=of)
    pair = tunnel.outcome.agreed.selectors
    for local, remote in product(link.values.get("local_subnet") or (), link.values.get("remote_subnet") or ()):
        if local not in pair.local or remote not in pair.remote:
            return _("Nothing passes through {name} between {local} and {remote}.", name=of, local=local, remote=remote)
    return None


def _later(facts: Facts, later: int) -> Faults:
    """So many seconds have passed in the world."""
    left = (facts.began or facts.now) + timedelta(seconds=later) - facts.now
    minutes = -(-int(left.total_seconds()) // 60)
    if minutes > 120:
        yield _("It is too early. Let {hours} more hours pass in this world.", hours=-(-minutes // 60))
    elif minutes > 0:
        yield _("It is too early. Let {minutes} more minutes pass in this world.", minutes=minutes)


def _answer(facts: Facts, answer: str, right: list) -> Faults:
    """What somebody has answered to a task: these choices and no others."""
    given = {*facts.answers.get(answer, ())}
    if not given:
        yield _("Nothing has been reported yet.")
    elif given != {*right}:
        yield _(
            "Right complaints: {found} of {count}. Wrong complaints: {wrong}.",
            found=len(given & {*right}),
            count=len(right),
            wrong=len(given - {*right}),
        )


KINDS: Mapping[str, Callable[..., Faults]] = {
    "connection": _connection,
    "tunnel": _tunnel,
    "device": _device,
    "gateway": _gateway,
    "same": _same,
    "distinct": _distinct,
    "gone": _gone,
    "there": _there,
    "unchanged": _unchanged,
    "changed": _changed,
    "event": _event,
    "path": _path,
    "later": _later,
    "answer": _answer,
}
