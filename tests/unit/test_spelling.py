"""Addresses and networks have one spelling. Another one gets a proposal, which the same rule accepts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connections.domain import parsing, rules
from connections.domain.rules.proposals import replaced

OTHER_SPELLINGS = [
    ("10.0.0.0/255.0.0.0", "10.0.0.0/8"),
    ("10.0.0.0/08", "10.0.0.0/8"),
    ("010.000.000.000/8", "10.0.0.0/8"),
    ("10.1.2.3/8", "10.0.0.0/8"),
    ("10.1.2.3/255.255.0.0", "10.1.0.0/16"),
    ("10.0.0.0 / 8", "10.0.0.0/8"),
    ("10.1.2.3", "10.1.2.3/32"),
]
FIXES = {
    "local_subnet": lambda text: rules.network_problems([text], ["192.168.0.0/16"]),
    "remote_subnet": lambda text: rules.network_problems(["192.168.0.0/16"], [text]),
    "destination": lambda text: rules.route_problems(text, 100, "", ()),
    "entry_destination": lambda text: rules.entry_problems(text, ()),
}


@pytest.mark.parametrize(("text", "right"), OTHER_SPELLINGS)
@pytest.mark.parametrize("field", FIXES)
def test_another_spelling_of_a_network_is_refused_with_the_usual_one(field, text, right):
    (problem,) = FIXES[field](text)
    assert (problem.field, rules.fix_of(problem)) == (field, right)
    assert problem.message.params["text"] == text
    assert not list(FIXES[field](right))


@pytest.mark.parametrize(
    ("text", "right"), [("203.000.113.010", "203.0.113.10"), ("203.0.113.10/32", "203.0.113.10"), ("1.2.3", "")]
)
def test_another_spelling_of_an_address_is_refused_with_the_usual_one(text, right):
    for problems in (
        rules.gateway_ip_problems(text),
        rules.health_check_problems(text, "10.0.0.1", 3, 3),
        rules.health_check_problems("10.0.0.1", text, 3, 3, is_on=False),
    ):
        (problem,) = problems
        assert rules.fix_of(problem) == right


@pytest.mark.parametrize(
    ("block", "host", "fixes"),
    [
        ("169.254.10.1/30", "", {"tunnel_cidr": "169.254.10.0/30"}),
        ("169.254.10.0/255.255.255.252", "169.254.10.1", {"tunnel_cidr": "169.254.10.0/30"}),
        ("169.254.10.5", "169.254.10.5", {"tunnel_cidr": "169.254.10.4/30"}),
        ("169.254.10.0/30", "169.254.010.001", {"local_bgp_ip": "169.254.10.1"}),
        ("169.254.10.0/30", "", {"local_bgp_ip": "169.254.10.1"}),
        ("169.254.10.0/30", "10.0.0.1", {"local_bgp_ip": "169.254.10.1"}),
        # What would be refused next is not proposed.
        ("169.254.0.1/30", "", {}),
        ("10.0.0.1/30", "", {}),
        ("169.254.10.1/29", "", {}),
        ("169.254.5.0/30", "", {}),
        ("10.0.0.0/30", "10.0.0.7", {}),
        ("169.254.10.0/30", "010.0.0.1", {}),
    ],
)
def test_blocks_and_addresses_of_bgp(block, host, fixes):
    problems = list(rules.bgp_problems(block, host))
    assert problems
    assert {problem.field: rules.fix_of(problem) for problem in problems if rules.fix_of(problem)} == fixes


@pytest.mark.parametrize(
    ("problems", "code"),
    [
        (rules.network_problems(["10.0.0.0/8"], ["100.64.0.1/16"]), "host_bits"),
        (rules.network_problems(["10.0.0.0/8"], ["100.64.1.1"]), "malformed"),
        (rules.network_problems(["10.0.0.0/8", "10.1.0.0/8"], ["192.168.0.0/16"]), "host_bits"),
        (rules.network_problems(["0.0.0.0/0"], ["1.0.0.0/0"]), "host_bits"),
        (rules.route_problems("1.0.0.0/0", 100, "", ()), "host_bits"),
        (rules.route_problems("10.0.0.1/8", 100, "", {"10.0.0.0/8"}), "host_bits"),
        (rules.entry_problems("10.0.0.0/08", {"10.0.0.0/8"}), "spelling"),
        (rules.router_cidr_problems(["10.0.0.1/25"]), "host_bits"),
        (rules.router_cidr_problems(["10.0.0.1"]), "malformed"),
        (rules.router_cidr_problems(["169.254.1.1/24"]), "host_bits"),
        (rules.router_cidr_problems(["10.0.0.1/24"], ["10.0.0.0/16"]), "host_bits"),
        (rules.gateway_ip_problems("169.254.001.1"), "spelling"),
        (rules.health_check_problems("10.0.0.1", "10.0.0.01", 3, 3), "spelling"),
    ],
)
def test_what_would_be_refused_next_is_not_proposed(problems, code):
    (problem,) = problems
    assert (problem.code, rules.fix_of(problem)) == (code, "")
    assert "Did you mean" not in problem.message


PARTS = st.sampled_from(["0", "00", "1", "10", "010", "64", "100", "127", "169", "224", "254", "255", "256", "0100"])
ADDRESSES = st.builds("{}.{}.{}.{}".format, PARTS, PARTS, PARTS, PARTS)
MASKS = st.sampled_from(
    ["", "/0", "/00", "/8", "/08", "/10", "/16", "/24", "/30", "/32", "/33", "/255.255.0.0", "/255.255.255.252"]
)
BLOCKS = st.builds("{}{}".format, ADDRESSES, MASKS)
LISTS = st.lists(BLOCKS, max_size=4)


def accepts(problems, again):
    problems = list(problems)
    for problem in problems:
        if fix := rules.fix_of(problem):
            # A proposal may make another value's proposal impossible, so their messages are compared without it.
            after = [(one.field, one.code) for one in again(problem, fix)]
            before = [(one.field, one.code) for one in problems]
            before.remove((problem.field, problem.code))
            assert sorted(after) == sorted(before)


@given(LISTS, LISTS)
def test_every_proposal_for_protected_networks_is_accepted(local, remote):
    def again(problem, fix):
        mine, theirs = local, remote
        if problem.field == "local_subnet":
            mine = replaced(local, problem, fix)
        else:
            theirs = replaced(remote, problem, fix)
        return rules.network_problems(mine, theirs)

    accepts(rules.network_problems(local, remote), again)


@given(LISTS, LISTS)
def test_every_proposal_for_a_routers_blocks_is_accepted(cidrs, taken):
    accepts(
        rules.router_cidr_problems(cidrs, taken),
        lambda problem, fix: rules.router_cidr_problems(replaced(cidrs, problem, fix), taken),
    )


@given(BLOCKS | st.just(""), ADDRESSES | st.just(""))
def test_every_proposal_for_bgp_is_accepted(block, host):
    for problem in rules.bgp_problems(block, host):
        if fix := rules.fix_of(problem):
            values = {"tunnel_cidr": block, "local_bgp_ip": host} | {problem.field: fix}
            assert problem.field not in {each.field for each in rules.bgp_problems(*values.values())}


@given(BLOCKS, LISTS)
def test_every_proposal_for_a_single_value_is_accepted(text, taken):
    for rule in (
        lambda one: rules.route_problems(one, 100, "", taken),
        lambda one: rules.entry_problems(one, taken),
        rules.gateway_ip_problems,
        lambda one: rules.identity_problems("local_id", one),
        lambda one: rules.health_check_problems(one, "10.0.0.1", 3, 3),
        lambda one: rules.health_check_problems("10.0.0.1", one, 3, 3, is_on=False),
    ):
        for problem in rule(text):
            if fix := rules.fix_of(problem):
                assert not list(rule(fix))


def test_every_other_proposal_is_accepted():
    for field in rules.CHOICES_THAT_CAN_BE_WEAK:
        for value in rules.WEAK:
            for advice in rules.strength_warnings({field: value}):
                assert not list(rules.strength_warnings({field: rules.fix_of(advice)}))
    (problem,) = rules.several_networks_problems("ikev1", ["10.0.0.0/8"], ["192.168.0.0/24", "192.168.1.0/24"])
    assert not list(rules.several_networks_problems(rules.fix_of(problem), ["10.0.0.0/8"], ["a", "b"]))


# --- what cannot be seen -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["\u200b", "\u2060", "\ufeff", "\u00ad", "\u3164", "\u202c"], ids=ascii)
def test_what_cannot_be_seen_in_an_address_is_named(mark):
    for problems in (
        rules.network_problems([f"10.0.0.0/8{mark}"], ["192.168.0.0/16"]),
        rules.route_problems(f"10.0{mark}.0.0/8", 100, "", ()),
        rules.router_cidr_problems([f"{mark}10.0.0.0/16"]),
        rules.gateway_ip_problems(f"203.0.113.10{mark}"),
        rules.health_check_problems(f"{mark}192.168.0.1", "10.0.0.1", 3, 3),
        rules.bgp_problems("169.254.10.0/30", f"169.254.10.1{mark}"),
        rules.bgp_problems(f"169.254.10.0/30{mark}", "169.254.10.1"),
        rules.psk_problems(f"secret{mark}"),
    ):
        (problem,) = problems
        assert f"U+{ord(mark):04X}" in problem.message


@pytest.mark.parametrize(
    "text",
    ["1\ufe0f\u20e3", "🙂\u200d↔\ufe0f", "👨\u200d❤\ufe0f\u200d👨",
     "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
     "അവന\u0d4d\u200d", "خانهٔ\u200cما", "র\u200d\u09cdয"],
)  # fmt: skip
def test_marks_that_a_script_or_an_emoji_needs_are_allowed(text):
    assert not list(rules.line_problems("name", text))


@pytest.mark.parametrize(
    "text", ["1\ufe0f2", "🏴\U000e0067", "\U000e0067\U000e007f", "🏴\U000e0067x\U000e007f", "a\u0301\u200db"]
)
def test_the_same_marks_elsewhere_are_refused(text):
    assert [problem.code for problem in rules.line_problems("name", text)] == ["unseen"]


# --- lists -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["10.0.0.0/8,172.16.0.0/12", " 10.0.0.0/8 , 172.16.0.0/12 ", "10.0.0.0/8,,172.16.0.0/12,",
     "10.0.0.0/8；172.16.0.0/12",
     "10.0.0.0/8\n172.16.0.0/12"],
)  # fmt: skip
def test_lists_in_one_row_become_rows(text):
    assert parsing.networks_of(text) == ["10.0.0.0/8", "172.16.0.0/12"]


# --- advice ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("local", "remote", "expected"),
    [
        (["10.0.0.0/8"], ["192.168.0.0/16"], []),
        (["0.0.0.0/0"], ["172.16.0.0/12"], [("local_subnet", "anywhere")]),
        (["172.16.0.0/12"], ["0.0.0.0/0"], [("remote_subnet", "anywhere")]),
        (["9.9.9.9/32"], ["9.0.0.0/8"], [("remote_subnet", "overlap")]),
        (["10.0.0.0/8"], ["10.0.0.0/8"], [("remote_subnet", "overlap")]),
        (["192.168.0.0/16"], ["0.0.0.0/1"], [("remote_subnet", "contains_reserved")]),
        (["192.168.0.0/16"], ["100.0.0.0/8"], [("remote_subnet", "contains_reserved")]),
        (["10.0.0.0/8"], ["0.0.0.0/1"], [("remote_subnet", "contains_reserved"), ("remote_subnet", "overlap")]),
        (["x"], ["192.168.0.1/16"], []),
    ],
)
def test_advice_on_networks(local, remote, expected):
    assert [(advice.field, advice.code) for advice in rules.network_warnings(local, remote)] == expected
