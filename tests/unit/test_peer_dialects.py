"""Every dialect has a keyword for every option, and no user input can break out of its statement."""

import itertools
import re
import string
from pathlib import Path

import pytest
from django.db.models import TextChoices
from hypothesis import given
from hypothesis import strategies as st

from connections.domain import limits, parsing, rules
from connections.domain.choices import (
    AuthenticationAlgorithm,
    DhGroup,
    EncryptionAlgorithm,
    IkeMode,
    IkeVersion,
    PfsGroup,
)
from connections.peer_config import DIALECTS, generate
from connections.peer_config.dialect import Group, Proof, value_at
from tests.documents import BGP, CLOUD_KEY, KINDS, PLAIN, make_document, put, suited

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "peer-config.md"
TUNNELS = [dialect for dialect in DIALECTS.values() if dialect.keywords]
# The options a user can choose, by path in the document. A dialect that writes tunnels has keywords for all of them.
CHOICES: dict[str, type[TextChoices]] = {
    path: type(value_at(PLAIN, path))
    for path in (
        "ike.version",
        "ike.mode",
        "ike.encryption",
        "ike.authentication",
        "ike.group",
        "ipsec.encryption",
        "ipsec.authentication",
        "ipsec.pfs",
    )
}
MEMBERS = [(path, member) for path, choices in CHOICES.items() for member in choices]


def named(value):
    return getattr(value, "key", None) or str(value)


def statements(dialect, configuration) -> tuple[str, ...]:
    """The files without their comments, which repeat notes about options."""
    return tuple(
        "\n".join(line for line in text.splitlines() if not (dialect.comment and line.startswith(dialect.comment)))
        for text in configuration.files.values()
    )


# Old devices have few keywords for IKEv1, some only for policies, so this is a plain document of that time.
OLD = make_document(
    ike__version=IkeVersion.IKEV1,
    ike__encryption=EncryptionAlgorithm.AES,
    ike__authentication=AuthenticationAlgorithm.SHA1,
    ike__group=DhGroup.GROUP5,
    ipsec__encryption=EncryptionAlgorithm.AES,
    ipsec__authentication=AuthenticationAlgorithm.SHA1,
    ipsec__pfs=PfsGroup.GROUP5,
)
VERSIONS = {IkeVersion.IKEV2: PLAIN, IkeVersion.IKEV1: OLD}


@pytest.mark.parametrize("dialect", TUNNELS, ids=named)
@pytest.mark.parametrize("version", VERSIONS, ids=named)
def test_tables_speak_of_choices_and_of_nothing_else(dialect, version):
    words = dialect.words(version)
    assert words.keys() == CHOICES.keys() == dialect.keywords.keys()
    for path, table in words.items():
        assert list(table) == list(CHOICES[path]), path


@pytest.mark.parametrize("dialect", TUNNELS, ids=named)
@pytest.mark.parametrize(("path", "member"), MEMBERS, ids=named)
@pytest.mark.parametrize("version", VERSIONS, ids=named)
def test_every_option_has_its_word_in_the_text_or_a_note_in_its_place(dialect, version, path, member):
    if path == "ike.version" or (path == "ike.mode" and version == IkeVersion.IKEV2):
        plain = VERSIONS[IkeVersion(member)] if path == "ike.version" else OLD
    else:
        plain = VERSIONS[version]
    document = put(suited(dialect, plain), path, member)
    configuration = generate(dialect, document)
    word = dialect.words(document.ike.version)[path][member]
    if word is None:
        assert configuration.refused
        assert f"no_{path}" in {note.code for note in configuration.notes}
    else:
        assert not configuration.refused, configuration.notes
        # Whole words, so that sha is not found in sha256.
        spoken = rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])" if word else ""
        assert any(re.search(spoken, text) for text in statements(dialect, configuration))


@pytest.mark.parametrize("dialect", TUNNELS, ids=named)
@pytest.mark.parametrize("version", VERSIONS, ids=named)
@pytest.mark.parametrize("path", [path for path in CHOICES if path not in ("ike.mode", "ike.version")])
def test_two_options_never_make_the_same_text(dialect, version, path):
    plain = suited(dialect, VERSIONS[version])
    texts = [generate(dialect, put(plain, path, member)) for member in CHOICES[path]]
    written = [statements(dialect, one) for one in texts if not one.refused]
    assert len(set(written)) == len(written)
    assert written


@pytest.mark.parametrize("dialect", TUNNELS, ids=named)
def test_the_versions_of_ike_never_make_the_same_text(dialect):
    ikev1, ikev2 = (generate(dialect, put(suited(dialect, OLD), "ike.version", version)) for version in IkeVersion)
    assert statements(dialect, ikev1) != statements(dialect, ikev2)


@pytest.mark.parametrize("dialect", TUNNELS, ids=named)
def test_the_mode_is_a_matter_of_ikev1_alone(dialect):
    def written(**changed):
        configuration = generate(dialect, suited(dialect, make_document(**changed)))
        return configuration.files or configuration.notes

    main, aggressive = ({"ike__mode": mode} for mode in IkeMode)
    assert written(**main) == written(**aggressive)
    main, aggressive = (generate(dialect, put(suited(dialect, OLD), "ike.mode", mode)) for mode in IkeMode)
    assert (main.files, main.notes) != (aggressive.files, aggressive.notes)


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=named)
@pytest.mark.parametrize("kind", KINDS)
def test_the_first_file_begins_with_the_notes(dialect, kind):
    configuration = generate(dialect, suited(dialect, KINDS[kind]))
    if configuration.refused or not dialect.comment:
        return
    title, *lines = next(iter(configuration.files.values())).splitlines()
    assert title.startswith(dialect.comment)
    head = itertools.takewhile(lambda line: line.startswith(dialect.comment), lines)
    words = " ".join(line.removeprefix(dialect.comment).strip() for line in head)
    for note in configuration.notes:
        assert f"- {str.__str__(note.text)}" in words


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=named)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_connection_gets_a_text_or_a_reason(dialect, kind):
    configuration = generate(dialect, suited(dialect, KINDS[kind]))
    assert bool(configuration.files) != configuration.refused
    for name, text in configuration.files.items():
        assert set(name) <= set(string.ascii_letters + string.digits + "._-")
        assert text.endswith("\n")
        assert text.isascii()
        # Azure's word for no group at all.
        assert "None" not in text or "None" in dialect.keywords["ipsec.pfs"].values()
        assert not [line for line in text.splitlines() if line != line.rstrip()]
    for note in configuration.notes:
        assert note.text.endswith(".")


def test_each_group_of_formats_is_listed_once():
    listed = [group for group, _ in itertools.groupby(dialect.group for dialect in DIALECTS.values())]
    assert listed == list(Group)


def test_the_documentation_tells_every_dialect_and_how_far_it_is_proven():
    rows = re.findall(r"^\| ([^|]+) \| (daemon|parser|table|shape) \|", DOCUMENTATION.read_text(), re.MULTILINE)
    assert rows == [(dialect.title, dialect.proof) for dialect in DIALECTS.values()]


@pytest.mark.parametrize(
    "dialect",
    [one for one in DIALECTS.values() if one.proof == Proof.TABLE and one.group == Group.DEVICES],
    ids=named,
)
def test_the_documentation_names_a_source_for_all_that_no_daemon_has_proven(dialect):
    text = DOCUMENTATION.read_text()
    section = re.search(rf"^#### {re.escape(dialect.title)}\n\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, dialect.title
    rows = dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", section[1], re.MULTILINE))
    groups = {name for lines in rows for name in lines.split(", ")} - {"lines", "---"}
    assert groups == {"phase 1", "phase 2", "interface", "policies", "NAT", "routes", "BGP", "MSS", "save"}
    listed = re.search(r"^\| source \| title, version, address \|\n(.*?)\n\n", text, re.MULTILINE | re.DOTALL)
    assert listed
    titles = re.findall(r"^\| ([^|]+) \| [^|]*<https://[^|]+\|$", listed[1], re.MULTILINE)
    cited = set(re.findall(r"\[([^\]]+)\]", section[1]))
    assert cited
    assert cited <= {name for names in titles for name in names.split(", ")}


@pytest.mark.parametrize("dialect", [one for one in DIALECTS.values() if one.group == Group.CLOUDS], ids=named)
def test_the_documentation_names_the_sources_of_other_clouds(dialect):
    section = re.search(r"^### Other clouds\n(.*?)(?=^##|\Z)", DOCUMENTATION.read_text(), re.MULTILINE | re.DOTALL)
    assert section
    assert f"\n- {dialect.title}: " in section[1].partition("Sources:")[2]


def test_secrets_stay_out_of_what_python_prints():
    document = make_document(bgp=BGP)
    printed = repr(document) + repr([generate(dialect, document) for dialect in DIALECTS.values()])
    assert document.psk not in printed
    assert BGP.key not in printed


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=named)
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("psk", 'a"b'),
        ("psk", "two\nlines"),
        ("psk", "two words"),
        ("psk", ""),
        ("bgp.key", "two words"),
        ("bgp.key", "what?"),
        ("bgp.key", "a\nb"),
    ],
)
def test_keys_that_the_rules_forbid_are_refused(dialect, path, value):
    assert generate(dialect, put(make_document(bgp=BGP), path, value)).refused


@pytest.mark.parametrize("dialect", TUNNELS, ids=named)
@pytest.mark.parametrize(
    "identity",
    [
        "", "*", "%any", "fqdn:dc.example.com", "CN=dc,O=Harbour", "@dc.example.com", '"dc"', "a\\b", "a{b}", "a#b",
        "a;b", "a!b", "a?b", "$(reboot)", "${x}", "a,b", "2001:db8::1", "münchen.example", "dc.example.com\n", "-a",
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", ["local_id", "remote_id"])
def test_identities_that_devices_read_differently_are_refused(dialect, place, identity):
    assert generate(dialect, make_document(**{place: identity})).refused


@pytest.mark.parametrize("dialect", TUNNELS, ids=named)
@pytest.mark.parametrize("identity", ["203.0.113.9", "dc.example.com", "dc", "dc-1.example.com.", "ops@example.com"])
def test_addresses_and_names_are_written(dialect, identity):
    configuration = generate(dialect, make_document(local_id=identity))
    assert configuration.refused or any(identity in text for text in configuration.files.values())


hostile = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "\ninclude /etc/passwd\n", '"} secrets {', "*/ }", "# !", "exit\r\nreload\r\n", "a; quit", "?", "\x1b[2J",
            "include x", "}\n", "`reboot`", "$(reboot)", "<!--", "名前", "'; --", "\u2028x", "\x0bx", "\x85x",
        ]
    ),
)  # fmt: skip
identities = st.one_of(st.sampled_from(["203.0.113.20", "198.18.0.10", "dc.example.com"]), hostile)
keys = st.one_of(
    st.text(st.sampled_from(sorted(rules.PSK_CHARACTERS)), min_size=1, max_size=limits.PSK_LENGTH),
    st.just(CLOUD_KEY),
)
bgp_keys = st.text(
    st.sampled_from([chr(code) for code in range(0x21, 0x7F) if chr(code) != "?"]), max_size=limits.AUTH_KEY_LENGTH
)


def skeleton(files, document):
    """The part of a text that user input must not change: the number of lines, and how each begins."""
    identities = {mark + name for mark in ("", "@") for name in (document.local_id, document.remote_id)}

    def beginning(line):
        word = re.split(r"[\s=]", line.strip(), maxsplit=1)[0].strip('"')
        return len(line) - len(line.lstrip()), "ID" if word in identities else word

    return [(name, *beginning(line)) for name, text in files.items() for line in text.splitlines()]


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=named)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    name=hostile,
    local_id=identities,
    remote_id=identities,
    psk=keys,
    bgp_key=bgp_keys,
)
def test_nothing_that_people_type_breaks_out_of_its_place(dialect, kind, name, local_id, remote_id, psk, bgp_key):
    harmless = suited(dialect, KINDS[kind])
    document = harmless
    for path, value in (("name", name), ("local_id", local_id), ("remote_id", remote_id), ("psk", psk)):
        document = put(document, path, value)
    if document.bgp is not None:
        # A session with a key has one line more than one without.
        harmless = put(harmless, "bgp.key", "key" if bgp_key else "")
        document = put(document, "bgp.key", bgp_key)
    # Identities that are names may be written differently from addresses.
    for place in ("local_id", "remote_id"):
        if parsing.is_fqdn(getattr(document, place)):
            harmless = put(harmless, place, "name.example.com")
        else:
            harmless = put(harmless, place, getattr(harmless, place.replace("_id", "_ip")))
    configuration = generate(dialect, document)
    if not configuration.refused:
        expected = generate(dialect, harmless)
        assert not expected.refused, expected.notes
        assert skeleton(configuration.files, document) == skeleton(expected.files, harmless)
