"""Whole numbers from outside: only one function parses them."""

import ast
from pathlib import Path

import pytest
from django import forms
from django.core.exceptions import ValidationError

from connections.numbers import LARGEST, whole_number
from tests.declared import form_fields

ROOT = Path(__file__).parents[2]
FILES = sorted(
    path
    for folder in ("connections", "vpnconsole")
    for path in (ROOT / folder).rglob("*.py")
    if "testing" not in path.parts
)

# Where `int` may be called: the start of the path, the call as written, and the reason.
ALLOWED = {
    ("connections/numbers.py", "int(text)"): "the function that reads numbers",
    ("connections/documents/parser.py", "int(text)"): "at most 19 ASCII digits, by the pattern before it",
    ("connections/domain/rules/bgp.py", "int(FIRST_PROPOSED_TUNNEL_CIDR.network_address)"): "an address of our own",
    ("connections/domain/rules/bgp.py", "int(LINK_LOCAL.network_address)"): "an address of our own",
    ("connections/api/dispatch.py", "int(clock.real().timestamp())"): "a time",
    ("connections/api/actions/values.py", "int(moment.timestamp() * 1000)"): "a time",
    ("connections/api/actions/route_entries.py", "int(part[::-1], _LETTERS)"): "18 letters, by the pattern before it",
    ("connections/as_code/recipes.py", "int(uid)"): "an account's UID, which has been judged",
    ("connections/negotiation/plans.py", "int(up)"): "a time",
    ("connections/negotiation/stretches.py", "int(time)"): "a time",
    ("connections/negotiation/stretches.py", "int(moment)"): "a time",
    ("connections/peer_config/google.py", "int(VERSION"): "1 or 2, by the table of versions",
    ("connections/console/tunnels.py", "int((now - since).total_seconds())"): "a time",
    ("connections/models/devices.py", "map(int, path)"): "AS numbers, which have been judged",
    ("connections/routing.py", "int(network.network_address)"): "an address that has been parsed",
    ("connections/rate_limit.py", "int(address)"): "an address that has been parsed",
    ("vpnconsole/settings.py", "int("): "the operator's environment",
    ("vpnconsole/kit/scenarios/usual.py", "int(os.environ"): "the operator's environment",
    ("vpnconsole/kit/scenarios/states.py", "int(one['tunnel_cidr']"): "part of a block that we have written",
    ("vpnconsole/kit/peers.py", "int(length)"): "part of a block that has been judged",
    ("vpnconsole/kit/defects.py", "int(found[2]"): "a total that a page shows",
    ("vpnconsole/kit/faults/effects.py", "int(len(whole) * share)"): "a size",
    ("vpnconsole/kit/classes.py", "int(self.seen)"): "a time",
    ("vpnconsole/kit/labs/checks.py", "int(left.total_seconds())"): "a time",
    ("vpnconsole/kit/pages/panel.py", "int(self.world.ends"): "a time",
    ("vpnconsole/kit/sharing.py", "int(self.expires"): "a time",
    ("vpnconsole/gunicorn.conf.py", "int("): "the operator's environment",
}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("7", 7),
        ("007", 7),
        ("-7", -7),
        (str(LARGEST), LARGEST),
        (str(LARGEST + 1), None),
        (str(-LARGEST - 1), None),
        ("9" * 5000, None),
        ("0" * 5000, None),
        ("-" + "9" * 5000, None),
        ("", None),
        ("-", None),
        ("+7", None),
        (" 7", None),
        ("7\n", None),
        ("1_000", None),
        ("1e3", None),
        ("7.0", None),
        ("²", None),
        ("①", None),
        ("٣", None),
        ("７", None),
        ("\0", None),
        (None, None),
    ],
)
def test_whole_numbers(text, number):
    assert whole_number(text, least=-LARGEST) == number


def test_a_number_is_read_within_its_bounds():
    assert [whole_number(text, least=1, most=3) for text in "01234"] == [None, 1, 2, 3, None]
    assert whole_number("-1") is None


def other_readers(tree: ast.AST):
    """Calls that treat a text as a number: `int`, and the string methods that also accept ² and ①."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ("isdigit", "isdecimal", "isnumeric"):
            yield node.lineno, node.attr
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "int":
            yield node.lineno, ast.unparse(node)
        if isinstance(node, ast.Call) and ast.unparse(node).startswith("map(int"):
            yield node.lineno, ast.unparse(node)


def is_allowed(name: str, call: str) -> bool:
    return any(name == where and call.startswith(start) for where, start in ALLOWED)


def test_numbers_are_read_in_one_place():
    readers = [
        f"{name}:{line}: {call}"
        for path in FILES
        for name in [path.relative_to(ROOT).as_posix()]
        for line, call in other_readers(ast.parse(path.read_text()))
        if not is_allowed(name, call)
    ]
    assert readers == []


def test_every_exception_is_needed():
    calls = {
        (path.relative_to(ROOT).as_posix(), call)
        for path in FILES
        for _, call in other_readers(ast.parse(path.read_text()))
    }
    assert [one for one in ALLOWED if not any(one[0] == name and call.startswith(one[1]) for name, call in calls)] == []


@pytest.mark.parametrize("text", ["int(x)", "x.isdigit()", "x.isdecimal()", "map(str.isnumeric, x)", "map(int, x)"])
def test_each_is_noticed(text):
    assert list(other_readers(ast.parse(text)))


@pytest.mark.parametrize("text", ["²", "①", "٣", "1_000", "9" * 5000])
def test_forms_read_numbers_by_the_same_function(text):
    fields = {name: field for _, name, field in form_fields() if isinstance(field, forms.IntegerField)}
    assert {"ike_lifetime", "health_check_retry", "revision"} <= fields.keys()
    for field in fields.values():
        assert field.to_python(" 7 ") == 7
        with pytest.raises(ValidationError):
            field.to_python(text)
