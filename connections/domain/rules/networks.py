"""The networks of both sides of a connection."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import IPv4Network

from connections.domain.choices import IkeVersion
from connections.domain.limits import MAX_NETWORKS
from connections.domain.parsing import ANYWHERE, SHARED_SPACE, parse_cidr
from connections.domain.problems import Problem
from connections.domain.rules.addresses import cidr_problems
from connections.domain.rules.proposals import judged, replaced
from connections.messages import message as _


def network_problems(local: Sequence[str], remote: Sequence[str]) -> Iterator[Problem]:
    """Both sides of the protected data flows. [P36, P37, P39, P40, P41]"""

    def again(problem: Problem, fix: str) -> Iterator[Problem]:
        if problem.field == "local_subnet":
            return _network_problems(replaced(local, problem, fix), remote)
        return _network_problems(local, replaced(remote, problem, fix))

    yield from judged(_network_problems(local, remote), again)


def _network_problems(local: Sequence[str], remote: Sequence[str]) -> Iterator[Problem]:
    parsed: dict[str, list[IPv4Network]] = {}
    for field, cidrs in (("local_subnet", local), ("remote_subnet", remote)):
        if not cidrs:
            yield Problem(field, "missing", _("Protected data flows need at least one CIDR block here."))
        if len(cidrs) > MAX_NETWORKS:
            yield Problem(field, "too_many", _("Enter at most {maximum} CIDR blocks.", maximum=MAX_NETWORKS))
            cidrs = ()
        yield from cidr_problems(field, cidrs)
        parsed[field] = _blocks(cidrs)
        for block in [block for block, count in Counter(parsed[field]).items() if count > 1]:
            yield Problem(field, "duplicate", _("{block} is there twice.", block=block))
    if all(ANYWHERE in blocks for blocks in parsed.values()):
        for field in parsed:
            yield Problem(
                field,
                "anywhere",
                _("0.0.0.0/0 on both sides protects nothing in particular. Choose Destination Routing Mode for it."),
            )
    for block in parsed["remote_subnet"]:
        if block.subnet_of(SHARED_SPACE):
            yield Problem(
                "remote_subnet",
                "reserved",
                _(
                    "{block} lies in {range}, which the cloud keeps for itself and does not route to a tunnel.",
                    block=block,
                    range=SHARED_SPACE,
                ),
            )


def _blocks(cidrs: Iterable[str]) -> list[IPv4Network]:
    return [block for block in map(parse_cidr, cidrs) if block]


def network_warnings(local: Sequence[str], remote: Sequence[str]) -> Iterator[Problem]:
    """Advise on sides that are taken, but of which a part is rarely reached through the tunnel. [P40, P41]"""
    blocks = {"local_subnet": _blocks(local[:MAX_NETWORKS]), "remote_subnet": _blocks(remote[:MAX_NETWORKS])}
    for field, own in blocks.items():
        if ANYWHERE in own:
            yield Problem(
                field,
                "anywhere",
                _(
                    "0.0.0.0/0 matches every address, and there is no automatic route to it. Destination Routing Mode "
                    "is the usual choice."
                ),
            )
    for block in blocks["remote_subnet"]:
        if block != ANYWHERE and block.supernet_of(SHARED_SPACE) and block != SHARED_SPACE:
            yield Problem(
                "remote_subnet",
                "contains_reserved",
                _(
                    "{block} contains {range}, which the cloud keeps for itself and does not route to a tunnel.",
                    block=block,
                    range=SHARED_SPACE,
                ),
            )
        for other in blocks["local_subnet"]:
            if block.overlaps(other) and ANYWHERE not in (block, other):
                yield Problem(
                    "remote_subnet",
                    "overlap",
                    _(
                        "{block} overlaps {other} of the local network: no host may have an address of both sides.",
                        block=block,
                        other=other,
                    ),
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
