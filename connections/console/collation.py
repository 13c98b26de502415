"""How names are put in order for readers of a language."""

from django.utils.translation import get_language

from connections.domain.regions import REGIONS


def by_name(text: object) -> tuple:
    """A key to sort by. The common Chinese characters stand by pinyin in the national character set."""
    text = str(text).casefold()
    return tuple(text.encode("gb18030")) if (get_language() or "").startswith("zh") else tuple(map(ord, text))


def regions() -> list[tuple[str, str]]:
    """Every region's ID and name, in the order of their names."""
    names = [(region.id, str(region.name)) for region in REGIONS.values()]
    return sorted(names, key=lambda pair: by_name(pair[1]))
