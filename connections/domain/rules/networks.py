"""CIDR blocks, and the networks of both sides of a connection."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import IPv4Network

from connections.domain.choices import IkeVersion
from connections.domain.limits import MAX_NETWORKS
from connections.domain.parsing import ANYWHERE, SHARED_SPACE, parse_cidr, parse_ip, short
from connections.domain.problems import Problem
from connections.messages import message as _


def cidr_problems(field: str, cidrs: Iterable[str]) -> Iterator[Problem]:
    """Report values that are no CIDR block in canonical form."""
    for text in cidrs:
        if parse_cidr(text):
            continue
        if loose := parse_cidr(text, strict=False):
            yield Problem(
                field,
                "host_bits",
                _("{text} has address bits behind its mask. Did you mean {loose}?", text=text, loose=loose, fix=loose),
            )
        elif parse_ip(text):
            fix = f"{text}/32"
            yield Problem(field, "malformed", _("{text} lacks a mask. Did you mean {text}/32?", text=text, fix=fix))
        else:
            yield Problem(
                field, "malformed", _("“{text}” is not an IPv4 CIDR block, such as 192.168.0.0/16.", text=short(text))
            )


def network_problems(local: Sequence[str], remote: Sequence[str]) -> Iterator[Problem]:
    """Both sides of the protected data flows. [P36, P37, P39, P40]"""
    parsed: dict[str, list[IPv4Network]] = {}
    for field, cidrs in (("local_subnet", local), ("remote_subnet", remote)):
        if not cidrs:
            yield Problem(field, "missing", _("Protected data flows need at least one CIDR block here."))
        if len(cidrs) > MAX_NETWORKS:
            yield Problem(field, "too_many", _("Enter at most {maximum} CIDR blocks.", maximum=MAX_NETWORKS))
            cidrs = ()
        yield from cidr_problems(field, cidrs)
        parsed[field] = [block for block in map(parse_cidr, cidrs) if block]
        for block in [block for block, count in Counter(parsed[field]).items() if count > 1]:
            yield Problem(field, "duplicate", _("{block} is there twice.", block=block))
        if ANYWHERE in parsed[field]:
            yield Problem(
                field,
                "anywhere",
                _("0.0.0.0/0 protects nothing in particular. Choose Destination Routing Mode for it."),
            )
    for block in parsed["remote_subnet"]:
        if block.overlaps(SHARED_SPACE) and block != ANYWHERE:
            yield Problem(
                "remote_subnet",
                "reserved",
                _(
                    "{block} overlaps {range}, which the cloud keeps for itself and does not route to a tunnel.",
                    block=block,
                    range=SHARED_SPACE,
                ),
            )
        for other in parsed["local_subnet"]:
            if block.overlaps(other) and ANYWHERE not in (block, other):
                yield Problem(
                    "remote_subnet",
                    "overlap",
                    _("{block} overlaps {other} of the local network.", block=block, other=other),
                )


def several_networks_problems(ike_version: str, local: Sequence[str], remote: Sequence[str]) -> Iterator[Problem]:
    """Several CIDR blocks on a side need ikev2. [P38]"""
    if ike_version == IkeVersion.IKEV1 and 1 < max(len(local), len(remote)) <= MAX_NETWORKS:
        yield Problem(
            "ike_version",
            "several_networks_need_ikev2",
            _(
                "ikev1 negotiates one CIDR block a side. Choose ikev2, or enter one local and one remote network.",
                fix=IkeVersion.IKEV2.value,
            ),
        )
