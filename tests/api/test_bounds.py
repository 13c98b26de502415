"""A list that is far too long gets one problem, as fast as any other response."""

import json

import pytest

from connections.api.actions import ACTIONS
from connections.api.registry import Choice, Objects, Texts
from connections.wire.names import wire_name
from tests.cost import assert_bounded, assert_soon
from tests.declared import list_columns
from vpnconsole.testing import factories

# One of each kind, whose function calls are counted as well. The same functions read all other lists.
MEASURED = {
    ("CreateVpnAttachment", "LocalSubnet"),
    ("CreateVpnAttachment", "Tags"),
    ("TagResources", "ResourceId"),
    ("CreateTransitRouter", "TransitRouterCidrList"),
    ("DescribeCens", "Filter.1.Value"),
}
NETWORKS = {wire_name(column.name) for column in list_columns()}


def lists():
    """Every list parameter of every operation: lists of texts, of objects, within objects, or separated by commas."""
    for action in ACTIONS.values():
        for one in action.parameters:
            if isinstance(one, Objects):
                yield from ((action, f"{one.name}.1.{inner.name}") for inner in one.fields if isinstance(inner, Texts))
            if isinstance(one, (Texts, Objects)) or one.name in NETWORKS:
                yield action, one.name


def filled(one) -> str:
    """A value of the right kind, so that only the list is invalid."""
    if isinstance(one, Choice):
        return one.options[0]
    if isinstance(one, Objects):
        return json.dumps([{inner.name: filled(inner) for inner in one.fields}])
    return json.dumps(["x"]) if isinstance(one, Texts) else "x"


def many(action, name: str, size: int) -> str:
    if name in NETWORKS:
        return ",".join(["10.0.0.0/16"] * size)
    declared = next((one for one in action.parameters if one.name == name), None)
    if isinstance(declared, Objects):
        return json.dumps([{inner.name: f"x{number}" for inner in declared.fields} for number in range(size)])
    return json.dumps([f"x{number}" for number in range(size)])


@pytest.mark.parametrize(("action", "name"), list(lists()), ids=lambda one: getattr(one, "name", one))
def test_a_list_is_bounded_where_it_comes_in(api, alice, action, name):
    connection = factories.make_connection(alice.account)
    sent = {one.name: filled(one) for one in action.parameters if one.required and one.name != name.partition(".")[0]}
    sent |= {f"{name.rpartition('.')[0]}.{inner.name}": filled(inner) for one in action.parameters
              if name.startswith(f"{one.name}.") for inner in one.fields if inner.required}  # fmt: skip
    sent |= dict.fromkeys(NETWORKS & {one.name for one in action.parameters}, "10.1.0.0/16")
    known = {
        "RegionId": factories.REGION,
        "CustomerGatewayId": connection.tunnel.customer_gateway.resource_id,
        "VpnConnectionId": connection.resource_id,
    }
    sent |= {one.name: known[one.name] for one in action.parameters if one.name in known}
    answers = []

    def call(size=10_000):
        answers.append(api.call(action.name, action.version, **(sent | {name: many(action, name, size)})).data)

    (assert_bounded if (action.name, name) in MEASURED else assert_soon)(call)
    message = answers[-1]["Message"]
    assert message.count("at most") == 1, message
    assert len(message) < 100


def test_every_kind_of_list_is_tried():
    assert {(action.name, name) for action, name in lists()} >= MEASURED
