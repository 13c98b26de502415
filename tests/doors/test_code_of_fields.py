"""Show as code leaves out nothing that is stored: another value of a field is another text, in every language."""

from collections.abc import Callable, Iterator, Sequence

import pytest
from django.db import models

from connections.as_code import recipes
from connections.as_code.steps import Endpoint, Recipe
from connections.documents import schema
from connections.domain.applicability import SINGLE_ONLY
from connections.models import Connection, CustomerGateway, TransitRouter
from connections.persistence.fields import CidrListField, EncryptedField
from tests.doors.walk import LANGUAGES
from tests.services.test_documents import full_account

ENDPOINT = Endpoint("console.example", "https", "1234567890123456")


def another(row: models.Model, name: str):
    """A value that the field does not have. No rule judges it."""
    field, value = row._meta.get_field(name), getattr(row, name)
    if isinstance(field, models.BooleanField):
        return not value
    if isinstance(field, CidrListField):
        return ["10.99.0.0/16"]
    if field.choices:
        return next(choice for choice, _ in field.flatchoices if choice != value)
    return value + 1 if isinstance(value, int) else f"{value}x"


def resources() -> Iterator[tuple[models.Model, Sequence[str], Callable[[], Recipe]]]:
    """Every row that a recipe is made of, with its exported fields."""
    account = full_account()
    connection, pair = Connection.objects.with_parts().filter(account=account).order_by("tunnel_count")
    tunnel, attachment, tags = connection.tunnel, connection.living_attachment, [("g", "h")]
    attached = lambda: recipes.connection(connection, [tunnel], attachment, tags)  # noqa: E731
    yield connection, schema.CONNECTION_FIELDS, attached
    yield tunnel, schema.TUNNEL_FIELDS, attached
    yield attachment, schema.ATTACHMENT_FIELDS, attached
    yield attachment, schema.ATTACHMENT_FIELDS, lambda: recipes.attachment(attachment)
    both = list(pair.tunnels.all())
    with_two = lambda: recipes.connection(pair, both, None, tags)  # noqa: E731
    yield pair, [name for name in schema.CONNECTION_FIELDS if name not in SINGLE_ONLY], with_two
    for one in both:
        yield one, schema.TUNNEL_FIELDS, with_two
    gateway = CustomerGateway.objects.get(account=account)
    yield gateway, schema.GATEWAY_FIELDS, lambda: recipes.customer_gateway(gateway, [])
    router = TransitRouter.objects.prefetch_related("cidrs").select_related("cen").get(account=account)
    yield router.cen, schema.CEN_FIELDS, lambda: recipes.cen(router.cen, "eu-central-1", [])
    yield router, schema.ROUTER_FIELDS, lambda: recipes.transit_router(router, [])
    [block] = router.cidrs.all()
    yield block, schema.CIDR_FIELDS, lambda: recipes.transit_router(router, [])
    yield block, schema.CIDR_FIELDS, lambda: recipes.router_cidr(block)
    # The resource group, as another column.
    for row, recipe in (
        (connection, attached),
        (gateway, lambda: recipes.customer_gateway(gateway, [])),
        (router.cen, lambda: recipes.cen(router.cen, "eu-central-1", [])),
    ):
        yield row.resource_group, ("resource_id",), recipe
    models.prefetch_related_objects([attachment], "tags")
    [tag] = attachment.tags.all()
    yield tag, ("key", "value"), lambda: recipes.attachment(attachment)


@pytest.mark.django_db
def test_another_value_is_another_text():
    left_out = []
    for row, names, recipe in resources():
        for name in names:
            if isinstance(row._meta.get_field(name), EncryptedField):
                # Code names keys and never contains them.
                continue
            stored = getattr(row, name)
            before = {key: language.text(recipe(), ENDPOINT) for key, language in LANGUAGES.items()}
            setattr(row, name, another(row, name))
            after = {key: language.text(recipe(), ENDPOINT) for key, language in LANGUAGES.items()}
            setattr(row, name, stored)
            left_out += [f"{type(row).__name__}.{name} in {key}" for key in LANGUAGES if before[key] == after[key]]
    assert left_out == []
