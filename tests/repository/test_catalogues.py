"""The message catalogues are complete, valid and up to date, and are compiled without the gettext tools."""

import re

import pytest
from django.utils.translation import check_for_language, gettext, ngettext, override

from tools import messages
from vpnconsole.testing.together import at_once

PLACES = re.compile(r"%\(\w+\)s|(?<!\{)\{\w+\}(?!\})")
TAGS = re.compile(r"<[^>]+>")
catalogues = pytest.mark.parametrize("path", messages.CATALOGUES, ids=lambda path: path.parts[-3])


def pairs(path):
    """Each message of a catalogue with its translation; of plurals, the plural form."""
    for message in messages.read(path):
        if message.id:
            plural = not isinstance(message.id, str)
            yield (message.id[1], message.string[-1]) if plural else (message.id, message.string)


@catalogues
def test_it_is_what_an_update_would_write(path):
    """`python3 dev.py messages` updates it."""
    assert path.read_text() == messages.updated(path)


@catalogues
def test_every_message_is_translated_and_none_is_a_guess(path):
    assert [text for text, translation in pairs(path) if not translation.strip()] == []
    assert [message.id for message in messages.read(path) if message.fuzzy and message.id] == []


@catalogues
def test_translations_have_the_places_and_the_markup_of_their_messages(path):
    for text, translation in pairs(path):
        assert set(PLACES.findall(translation)) == set(PLACES.findall(text)), text
        assert sorted(TAGS.findall(translation)) == sorted(TAGS.findall(text)), text
        assert "%" not in PLACES.sub("", translation).replace("%%", "") or "%" in PLACES.sub("", text), text


@catalogues
def test_ends_and_edges_agree(path):
    """Translations have no blanks at their ends, and a full stop where the English sentence has one."""
    for text, translation in pairs(path):
        assert translation == translation.strip(), text
        if text.endswith(".") and not text.endswith("..."):
            assert translation.endswith(("。", ".")), text


def test_django_reads_what_was_compiled():
    assert check_for_language("zh-hans")
    with override("zh-hans"):
        assert gettext("Pre-Shared Key") == "预共享密钥"
        assert ngettext("%(count)s second", "%(count)s seconds", 2) == "%(count)s 秒"


def test_many_may_compile_a_catalogue_at_once(tmp_path, monkeypatch):
    """As the processes of a parallel test run do after a change."""
    copies = []
    for path in messages.CATALOGUES:
        copies.append(tmp_path / path.relative_to(messages.ROOT))
        copies[-1].parent.mkdir(parents=True)
        copies[-1].write_text(path.read_text())
    monkeypatch.setattr(messages, "CATALOGUES", copies)
    assert at_once(*[messages.compile_stale] * 8) == [None] * 8
    for path in copies:
        assert sorted(one.name for one in path.parent.iterdir()) == ["django.mo", "django.po"]
        assert messages.compiled(path).read_bytes()


def test_messages_of_templates_and_of_rules_are_found():
    found = {message.id if isinstance(message.id, str) else message.id[0] for message in messages.extracted()}
    assert "One thing needs your attention. Nothing has been saved." in found
    assert "The key “{key}” is there twice. Each key may appear once." in found
    assert "{count} transit router" in found
