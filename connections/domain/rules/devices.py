"""The settings of a simulated device. It may have what the cloud would refuse: only nonsense is reported."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import TextChoices

from connections.domain.choices import (
    AuthenticationAlgorithm,
    DhGroup,
    EncryptionAlgorithm,
    IdKind,
    IkeMode,
    IkeVersion,
    PfsGroup,
    Start,
)
from connections.domain.limits import DEVICE_RANGES, MAX_ANNOUNCED, MAX_NETWORKS
from connections.domain.parsing import short
from connections.domain.problems import Problem
from connections.domain.rules.addresses import address_problems, cidr_problems
from connections.domain.rules.customer_gateways import asn_problems, auth_key_problems
from connections.domain.rules.ike import CHOICES_THAT_CAN_BE_WEAK, identity_problems, lifetime_problems, psk_problems
from connections.messages import message as _
from connections.numbers import whole_number

# The values of a field; several in the fields of `PREFERENCES`, the preferred one first.
CHOICES: Mapping[str, type[TextChoices]] = {
    "ike_version": IkeVersion,
    "ike_mode": IkeMode,
    "ike_enc_alg": EncryptionAlgorithm,
    "ike_auth_alg": AuthenticationAlgorithm,
    "ike_pfs": DhGroup,
    "ipsec_enc_alg": EncryptionAlgorithm,
    "ipsec_auth_alg": AuthenticationAlgorithm,
    "ipsec_pfs": PfsGroup,
    "starts": Start,
    "local_id_kind": IdKind,
    "remote_id_kind": IdKind,
}
# What a device may have several values of, the preferred one first.
PREFERENCES = ("ike_version", *CHOICES_THAT_CAN_BE_WEAK)
# The identity kinds that may be blank: the shape of the text decides then.
_MAY_BE_BLANK = ("local_id_kind", "remote_id_kind")
# Addresses, with whether they may be blank.
_ADDRESSES = {"address": False, "peer_address": False}
_BGP_ADDRESSES = {"local_bgp_ip": False, "peer_bgp_ip": False, "router_id": True, "bgp_source_ip": True}


def device_problems(values: Mapping[str, Any]) -> Iterator[Problem]:
    """A configured device, by its fields' names. A blank key is no problem: the device then has none for the tunnel."""
    for field, choices in CHOICES.items():
        several = field in PREFERENCES
        if values[field] or field not in _MAY_BE_BLANK:
            yield from _choice_problems(field, values[field] if several else [values[field]], choices, several)
    for field, (least, most) in DEVICE_RANGES.items():
        if not isinstance(number := values[field], int) or not least <= number <= most:
            text = _("The number must be between {least} and {most}.", least=least, most=most)
            yield Problem(field, "out_of_range", text)
    yield from _address_problems(values, _ADDRESSES)
    yield from psk_problems(str(values["psk"]))
    for field in ("local_id", "remote_id"):
        yield from identity_problems(field, str(values[field]))
        if not values[field]:
            yield Problem(field, "missing", _("Enter the identity, as the other side has it."))
    for field in ("ike_lifetime", "ipsec_lifetime"):
        yield from lifetime_problems(field, values[field])
    for field in ("local_subnet", "remote_subnet"):
        networks = values[field]
        yield from _count_problems(field, networks, 1, MAX_NETWORKS)
        yield from cidr_problems(field, networks)
    if values["enable_bgp"]:
        yield from _bgp_problems(values)


def _choice_problems(field: str, chosen: Sequence[str], choices: Iterable[str], several: bool) -> Iterator[Problem]:
    known = [str(choice) for choice in choices]
    if not chosen or len({*chosen}) < len(chosen) or not {*chosen} <= {*known}:
        text = _("Choose from {choices}, each at most once.") if several else _("Choose one of {choices}.")
        yield Problem(field, "invalid_choice", text.filled(choices=", ".join(known)))


def _count_problems(field: str, items: Sequence, least: int, most: int) -> Iterator[Problem]:
    if len(items) < least:
        yield Problem(field, "missing", _("Enter at least one CIDR block."))
    elif len(items) > most:
        yield Problem(field, "too_many", _("Enter at most {maximum} CIDR blocks.", maximum=most))


def _address_problems(values: Mapping[str, Any], fields: Mapping[str, bool]) -> Iterator[Problem]:
    for field, may_be_blank in fields.items():
        if values[field] or not may_be_blank:
            yield from address_problems(field, values[field], "203.0.113.10")


def _bgp_problems(values: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _address_problems(values, _BGP_ADDRESSES)
    for field in ("local_asn", "peer_asn"):
        yield from asn_problems(values[field], field)
        if values[field] is None:
            yield Problem(field, "missing", _("BGP needs the AS numbers of both sides."))
    yield from auth_key_problems(str(values["auth_key"]))
    announced = values["announced"]
    yield from _count_problems("announced", announced, 0, MAX_ANNOUNCED)
    for text in announced[:MAX_ANNOUNCED]:
        prefix, *path = text.split()[:20] or [""]
        yield from cidr_problems("announced", [prefix])
        if None in [whole_number(asn, least=1, most=2**32 - 1) for asn in path]:
            why = _("“{text}” is not a CIDR block, perhaps with AS numbers behind it.", text=short(text))
            yield Problem("announced", "malformed", why)
