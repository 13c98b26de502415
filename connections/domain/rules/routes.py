"""Destination-based routes and entries of route tables."""

from collections.abc import Container, Iterator

from connections.domain.limits import DESCRIPTION_LENGTH, ROUTE_WEIGHTS
from connections.domain.parsing import ANYWHERE, SHARED_SPACE, parse_cidr
from connections.domain.problems import Problem
from connections.domain.rules.addresses import cidr_problems
from connections.domain.rules.names import text_problems
from connections.domain.rules.proposals import judged
from connections.messages import message as _


def route_problems(destination: str, weight: int | None, description: str, taken: Container[str]) -> Iterator[Problem]:
    """Judge a custom route of a connection [P45, P46]."""
    yield from judged(_destination_problems(destination, taken), lambda _, fix: _destination_problems(fix, taken))
    if weight not in ROUTE_WEIGHTS:
        yield Problem("weight", "out_of_range", _("The weight is 0 (standby) or 100 (active)."))
    yield from text_problems("description", description, DESCRIPTION_LENGTH)


def _destination_problems(destination: str, taken: Container[str]) -> Iterator[Problem]:
    yield from cidr_problems("destination", [destination])
    block = parse_cidr(destination)
    if block == ANYWHERE:
        yield Problem("destination", "anywhere", _("0.0.0.0/0 cannot be a destination. Enter the networks one by one."))
    elif block and block.subnet_of(SHARED_SPACE):
        yield Problem(
            "destination",
            "reserved",
            _("{block} lies in {range}, which the cloud keeps for itself.", block=block, range=SHARED_SPACE),
        )
    elif block and str(block) in taken:
        yield Problem("destination", "duplicate", _("There is a route to {block} already.", block=block))


def entry_problems(destination: str, taken: Container[str]) -> Iterator[Problem]:
    """Judge a static entry of a transit router's route table."""
    yield from judged(_entry_problems(destination, taken), lambda _, fix: _entry_problems(fix, taken))


def _entry_problems(destination: str, taken: Container[str]) -> Iterator[Problem]:
    yield from cidr_problems("entry_destination", [destination])
    block = parse_cidr(destination)
    if block and str(block) in taken:
        yield Problem("entry_destination", "duplicate", _("There is a route to {block} already.", block=block))
