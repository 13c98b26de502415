"""Customer gateways: address, AS number, BGP key."""

import re
from collections.abc import Iterator
from ipaddress import IPv4Network

from connections.domain.limits import ASN_MAX, AUTH_KEY_LENGTH, CLOUD_ASN
from connections.domain.parsing import LINK_LOCAL, LOOPBACK, MULTICAST, SHARED_SPACE, parse_ip
from connections.domain.problems import Problem
from connections.domain.rules.addresses import address_problems
from connections.domain.rules.proposals import judged
from connections.messages import message as _

REFUSED_GATEWAY_RANGES = {
    SHARED_SPACE: _("shared address space that the cloud keeps for itself"),
    LOOPBACK: _("loopback"),
    LINK_LOCAL: _("link-local"),
    MULTICAST: _("multicast"),
    IPv4Network("255.0.0.0/8"): _("reserved"),
}


def gateway_ip_problems(text: str) -> Iterator[Problem]:
    """The static address of the on-premises device [P11]."""
    yield from judged(_gateway_ip_problems(text), lambda _, fix: _gateway_ip_problems(fix))


def _gateway_ip_problems(text: str) -> Iterator[Problem]:
    yield from address_problems("ip_address", text, "203.0.113.10")
    address = parse_ip(text)
    if address is None:
        return
    for block, why in REFUSED_GATEWAY_RANGES.items():
        if address in block:
            yield Problem(
                "ip_address",
                "reserved",
                _("Addresses in {block} ({why}) cannot be used for a customer gateway.", block=block, why=why),
            )


def asn_problems(asn: int | None, field: str) -> Iterator[Problem]:
    """An AS number's range. [P14, P72]"""
    if asn is not None and not 1 <= asn <= ASN_MAX:
        yield Problem(field, "out_of_range", _("The number must be between 1 and {maximum}.", maximum=ASN_MAX))


def local_asn_problems(asn: int | None) -> Iterator[Problem]:
    """The cloud side's AS number, without which there is no BGP."""
    yield from asn_problems(asn, "local_asn")
    if asn is None:
        yield Problem("local_asn", "missing", _("BGP needs the AS number of the cloud side."))


def gateway_asn_problems(asn: int | None) -> Iterator[Problem]:
    """A customer gateway's AS number: any but the cloud's own default."""
    yield from asn_problems(asn, "asn")
    if asn == CLOUD_ASN:
        yield Problem(
            "asn", "reserved", _("{asn} is the cloud's own number. Use the number of the data center.", asn=CLOUD_ASN)
        )


def auth_key_problems(key: str) -> Iterator[Problem]:
    """The BGP key: printable ASCII without spaces and question marks, 1 to 64."""
    if len(key or "") > AUTH_KEY_LENGTH:
        yield Problem("auth_key", "too_long", _("Use at most {maximum} characters.", maximum=AUTH_KEY_LENGTH))
    if re.search(r"[^\x21-\x7e]|\?", key or ""):
        yield Problem(
            "auth_key", "bad_character", _("Use ASCII letters, digits and signs only; no spaces, no question mark.")
        )
