"""How names are put in order for readers of a language."""

from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation.trans_real import catalog

from connections.domain.regions import REGIONS


def by_name(text: object) -> tuple:
    """A key to sort by. The common Chinese characters stand by pinyin in the national character set."""
    text = str(text).casefold()
    return tuple(text.encode("gb18030")) if (get_language() or "").startswith("zh") else tuple(map(ord, text))


def regions() -> list[tuple[str, str]]:
    """Every region's ID and name, in the order of their names."""
    return _regions(catalog())


@lru_cache(maxsize=4)
def _regions(words) -> list[tuple[str, str]]:
    """The names are put in order once for each catalogue of `words`: all pages show them."""
    names = [(region.id, str(region.name)) for region in REGIONS.values()]
    return sorted(names, key=lambda pair: by_name(pair[1]))
