"""The pieces of peer configurations: every key is found, and so are the words that the site replaces."""

import base64
import string

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from connections.peer_config import DIALECTS, generate, generate_both
from connections.peer_config.dialect import Group
from connections.peer_config.pieces import Kind, fill, own_words, pieces
from tests.documents import put, suited
from tests.unit.test_golden import CONNECTIONS, TWO_TUNNELS, connections_of

SIGNS = string.ascii_letters + string.digits + string.punctuation


def files_and_pieces(dialect, documents):
    configuration = generate_both(dialect, documents) if len(documents) > 1 else generate(dialect, documents[0])
    if configuration.refused:
        return {}, {}
    return configuration.files, pieces(dialect, documents, configuration.files)


def spelled(key: str) -> set[str]:
    """The key, and what dialects encode it as."""
    return {key, base64.b64encode(key.encode()).decode(), key.encode().hex()} - {""}


def check(dialect, documents) -> int:
    """Check the pieces of every file; return the number of keys found."""
    files, found = files_and_pieces(dialect, documents)
    keys = {key for one in documents for key in (one.psk, one.bgp.key if one.bgp else "")} - {""}
    for name, text in files.items():
        assert "".join(piece.text for piece in found[name]) == text
        shown = "\n".join(piece.text for piece in found[name] if piece.kind != Kind.KEY)
        assert not [form for key in keys for form in spelled(key) if len(key) > 8 and form in shown]
        own = [piece.text for piece in found[name] if piece.kind == Kind.OWN]
        assert list(dict.fromkeys(own)) == own_words({name: text})
    return sum(piece.kind == Kind.KEY for one in found.values() for piece in one)


@pytest.mark.parametrize("key", DIALECTS)
def test_no_key_is_outside_of_its_piece(key):
    dialect = DIALECTS[key]
    found = [check(dialect, [suited(dialect, document)]) for document in connections_of(dialect).values()]
    if dialect.group != Group.CLOUDS:
        found += [check(dialect, documents) for documents in TWO_TUNNELS.values()]
    assert any(found)


@pytest.mark.parametrize("key", [key for key, dialect in DIALECTS.items() if not dialect.bgp_only])
@given(psk=st.text(SIGNS, min_size=9, max_size=40))
@hypothesis_settings(max_examples=6)
def test_whatever_the_key_is(key, psk):
    dialect = DIALECTS[key]
    document = put(suited(dialect, CONNECTIONS["ikev2-protected"]), "psk", psk)
    files, _ = files_and_pieces(dialect, [document])
    assert not files or check(dialect, [document])


def test_values_of_the_connection_and_comments_are_marked():
    dialect = DIALECTS["cisco-ios"]
    _files, found = files_and_pieces(dialect, [suited(dialect, CONNECTIONS["ikev2-bgp"])])
    (listing,) = found.values()
    document = CONNECTIONS["ikev2-bgp"]
    assert {document.local_ip, document.remote_ip, document.bgp.local_ip, str(document.bgp.peer_asn)} <= {
        piece.text for piece in listing if piece.kind == Kind.VALUE
    }
    comments = "".join(piece.text for piece in listing if piece.kind == Kind.COMMENT).splitlines()
    assert comments
    assert all(line.startswith("!") for line in comments)


def test_a_value_takes_the_place_of_its_word_and_of_no_longer_one():
    text = "interface YOUR-INTERFACE\n nat YOUR-INTERFACE-LIST, YOUR-INTERFACE.\n"
    values = {"YOUR-INTERFACE": " ge-0/0/1.0 ", "YOUR-INTERFACE-LIST": "two words"}
    assert fill(text, values) == "interface ge-0/0/1.0\n nat YOUR-INTERFACE-LIST, ge-0/0/1.0.\n"
    assert own_words({"one": text, "two": "YOUR-ZONE"}) == ["YOUR-INTERFACE", "YOUR-INTERFACE-LIST", "YOUR-ZONE"]


@pytest.mark.parametrize("value", ["", "a\nexec evil", "a b", 'a"', "a;b", "x" * 81])
def test_a_value_that_could_be_more_than_one_word_is_left_out(value):
    assert fill("interface YOUR-INTERFACE", {"YOUR-INTERFACE": value}) == "interface YOUR-INTERFACE"
