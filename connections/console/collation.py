"""Sort names for readers of a language."""

from django.utils.translation import get_language

from connections.domain.regions import REGIONS


def by_name(text: object) -> tuple:
    """A sort key. GB 18030 orders common Chinese characters by pinyin."""
    text = str(text).casefold()
    return tuple(text.encode("gb18030")) if (get_language() or "").startswith("zh") else tuple(map(ord, text))


def regions() -> list[tuple[str, str]]:
    """Every region's ID and name, sorted by name."""
    names = [(region.id, str(region.name)) for region in REGIONS.values()]
    return sorted(names, key=lambda pair: by_name(pair[1]))
