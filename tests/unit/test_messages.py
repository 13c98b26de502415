"""Messages are English for programs, and in the reader's language for people."""

import copy
import json
import pickle

import pytest
from django.utils.translation import gettext_lazy, override

from connections.messages import Message, counted, from_parts
from connections.messages import message as _


def test_a_message_is_english_by_value_and_translated_as_text():
    message = Message("This field is required.")
    with override("zh-hans"):
        assert message == "This field is required."
        assert str(message) == f"{message}" == "这个字段是必填项。"
        assert json.dumps(message) == '"This field is required."'


def test_what_stands_in_its_places_is_translated_too():
    message = Message("{first}: {second}", first=Message("Yes"), second=gettext_lazy("This field is required."))
    with override("zh-hans"):
        again = Message("{first}: {second}", first=Message("Yes"), second=gettext_lazy("This field is required."))
        assert again == message == "Yes: This field is required."
        assert str(message).endswith("这个字段是必填项。")


def test_braces_in_what_is_filled_in_stay():
    assert _("Allowed: {signs}", signs="{}[]") == str(_("Allowed: {signs}", signs="{}[]")) == "Allowed: {}[]"


@pytest.mark.parametrize(("count", "words"), [(0, "0 things"), (1, "1 thing"), (2, "2 things")])
def test_a_number_chooses_the_form_of_its_noun(count, words):
    assert (
        counted("{count} thing", "{count} things", count)
        == words
        == str(counted("{count} thing", "{count} things", count))
    )


def test_a_blank_message_stays_blank():
    # For an empty string, gettext returns the header of the catalogue.
    assert str(Message("")) == ""


def test_a_message_survives_copying_pickling_and_a_json_column():
    message = Message("{what} has {count}", what="it", count=counted("{count} thing", "{count} things", 2))
    kept = json.loads(json.dumps(message.parts()))
    for other in (copy.deepcopy(message), pickle.loads(pickle.dumps(message)), from_parts(kept)):  # noqa: S301
        assert other == message == "it has 2 things"
        assert other.template == message.template
