"""Texts of walks and labs, which their files have in every language of the console."""

from collections.abc import Mapping

from django.utils.translation import get_language


def spoken(texts: Mapping[str, str]) -> str:
    """The text in the language of the page; blank if there is none at all."""
    return texts.get(get_language() or "", "") or texts.get("en", "")
