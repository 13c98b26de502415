"""Tags of any resource."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from django.db.models import prefetch_related_objects

from connections import ids
from connections.domain import rules
from connections.domain.refusals import CHANGED_MEANWHILE, Refused
from connections.models import Account, Attachment, Cen, Connection, CustomerGateway, RouteTable, Tag, TransitRouter
from connections.services import derived
from connections.services.inserts import refuse_problems
from connections.services.operations import Actor, Record, operation
from connections.services.rows import reread
from connections.services.write_lock import work

Tagged = Attachment | Cen | Connection | CustomerGateway | RouteTable | TransitRouter
Pairs = Sequence[tuple[str, str]]


def new_tags(resource: Tagged, pairs: Pairs) -> list[Tag]:
    """Return tags of a resource that has none yet, neither stored nor judged."""
    link = type(resource)._meta.get_field("tags").field.name
    return [
        Tag(account=resource.account, key=key, value=value, **{link: resource}) for key, value in dict(pairs).items()
    ]


def write_tags(resource: Tagged, pairs: Pairs) -> None:
    """Replace a resource's tags, as part of a larger operation, which has judged them."""
    kept = dict(pairs)
    for tag in resource.tags.all():
        if kept.get(tag.key) == tag.value:
            del kept[tag.key]
        else:
            tag.delete()
    Tag.objects.bulk_create(new_tags(resource, list(kept.items())))
    if isinstance(resource, Connection):
        derived.write_search_text(resource)


def replace_tags(actor: Actor, resource: Tagged, pairs: Pairs, revision: int) -> None:
    """Replace a resource's tags. Raises Refused if the revision is no longer current."""
    with operation(actor, "TagResources", region_id=_region(resource), resource_id=resource.resource_id) as record:
        stored = _reread(actor, resource)
        if stored.revision != revision:
            raise Refused(CHANGED_MEANWHILE, what=str(stored))
        _rewrite_tags(stored, record, pairs)


def change_tags(actor: Actor, resources: Sequence[Tagged], change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    """Apply a change to the tags of several resources: to all of them or, if one fails, to none.

    Each resource gets an event; the first event has the request's ID.
    """
    with work():
        # Every transaction locks connections in the same order, so that no two wait for each other.
        for number, resource in enumerate(sorted(resources, key=lambda row: getattr(row, "connection_id", row.pk))):
            recorded = actor if number == 0 else replace(actor, request_id=ids.request_id())
            with operation(
                recorded, "TagResources", region_id=_region(resource), resource_id=resource.resource_id
            ) as record:
                stored = _reread(actor, resource)
                _rewrite_tags(stored, record, list(change(tags_of(stored)).items()))


def _reread(actor: Actor, resource: Tagged) -> Tagged:
    """Return the resource as it is stored now, with its tags."""
    stored = reread(actor.account, resource)
    prefetch_related_objects([stored], "tags")
    return stored


def _region(resource: Tagged) -> str:
    return getattr(resource, "region_id", "")


def _rewrite_tags(stored: Tagged, record: Record, pairs: Pairs) -> None:
    """Judge and write the tags, and increase the revision, so that an edit of an older revision is refused."""
    refuse_problems(list(rules.tag_problems(pairs)))
    record.facts = {"tags": [tags_of(stored), dict(pairs)]}
    write_tags(stored, pairs)
    stored.revision += 1
    stored.save(update_fields=["revision"])


def tags_of(resource: Tagged) -> dict[str, str]:
    return {tag.key: tag.value for tag in resource.tags.all()}


SUGGESTIONS = ("keys", "values", "pairs")


def used_tags(account: Account, what: str) -> list[str]:
    """Return keys, values or `key=value` pairs that the account uses, as suggestions; at most a hundred."""
    tags = Tag.objects.filter(account=account)
    if what == "keys":
        return list(tags.order_by("key").values_list("key", flat=True).distinct()[:100])
    if what == "values":
        return list(tags.exclude(value="").order_by("value").values_list("value", flat=True).distinct()[:100])
    pairs = tags.order_by("key", "value").values_list("key", "value").distinct()[:100]
    return list(dict.fromkeys(text for key, value in pairs for text in ((key, f"{key}={value}") if value else (key,))))
