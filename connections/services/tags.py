"""Tags of any resource."""

from collections.abc import Sequence

from connections import rules
from connections.errors import Invalid
from connections.models import Tag
from connections.models.base import Resource
from connections.services.events import Actor, operation

Pairs = Sequence[tuple[str, str]]


def write_tags(resource: Resource, pairs: Pairs) -> None:
    """Give a resource exactly these tags, as part of a larger operation."""
    if problems := list(rules.tag_problems(pairs)):
        raise Invalid(problems)
    link = resource.tags.field.name
    kept = dict(pairs)
    for tag in resource.tags.all():
        if kept.get(tag.key) == tag.value:
            del kept[tag.key]
        else:
            tag.delete()
    Tag.objects.bulk_create(
        Tag(account=resource.account, key=key, value=value, **{link: resource}) for key, value in kept.items()
    )


def replace_tags(actor: Actor, resource: Resource, pairs: Pairs) -> None:
    """Give a resource exactly these tags."""
    with operation(
        actor, "TagResources", region_id=getattr(resource, "region_id", ""), resource_id=resource.resource_id
    ) as record:
        before = {tag.key: tag.value for tag in resource.tags.all()}
        write_tags(resource, pairs)
        record.facts = {"tags": [before, dict(pairs)]}


SUGGESTIONS = ("keys", "values", "pairs")


def used_tags(account, what: str) -> list[str]:
    """Keys, values, or `key=value` pairs that the account already uses, to suggest; at most a hundred."""
    tags = Tag.objects.filter(account=account)
    if what == "keys":
        return list(tags.order_by("key").values_list("key", flat=True).distinct()[:100])
    if what == "values":
        return list(tags.exclude(value="").order_by("value").values_list("value", flat=True).distinct()[:100])
    pairs = tags.order_by("key", "value").values_list("key", "value").distinct()[:100]
    return list(dict.fromkeys(text for key, value in pairs for text in ((key, f"{key}={value}") if value else (key,))))
