"""Store route tables, so that a transit router can have more than its default one.

Each transit router's column becomes a row with the same ID, and static entries move to that row.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, OuterRef, Q, Subquery

import connections.clock
import connections.persistence.fields

AT_ONCE = 500
RESOURCES = ("connection", "customer_gateway", "cen", "transit_router", "route_table", "attachment")


def create_default_tables(apps, schema_editor):
    TransitRouter, RouteTable, RouteEntry = (
        apps.get_model("connections", name) for name in ("TransitRouter", "RouteTable", "RouteEntry")
    )
    RouteTable.objects.bulk_create(
        (
            RouteTable(
                resource_id=router.route_table_id,
                account_id=router.account_id,
                transit_router_id=router.pk,
                is_default=True,
                created_at=router.created_at,
            )
            for router in TransitRouter.objects.order_by("pk").iterator(AT_ONCE)
        ),
        AT_ONCE,
    )
    table = RouteTable.objects.filter(transit_router=OuterRef("transit_router")).values("pk")
    RouteEntry.objects.update(route_table=Subquery(table))


def on_one_resource() -> Q:
    return Q(
        *(Q(**{f"{link}__isnull": link != resource for link in RESOURCES}) for resource in RESOURCES),
        _connector=Q.OR,
    )


def foreign_key(to: str, *, on_delete=django.db.models.deletion.CASCADE, **options) -> models.ForeignKey:
    return models.ForeignKey(to=f"connections.{to}", on_delete=on_delete, **options)


class Migration(migrations.Migration):
    dependencies = [("connections", "0025_transit_router_cidrs")]

    operations = [
        migrations.CreateModel(
            "RouteTable",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("resource_id", models.CharField("ID", editable=False, max_length=32, unique=True)),
                (
                    "created_at",
                    models.DateTimeField("Created At", default=connections.clock.now, editable=False),
                ),
                ("revision", models.PositiveIntegerField(default=1, editable=False)),
                ("transition", models.CharField(blank=True, editable=False, max_length=16)),
                ("transition_ends", models.DateTimeField(editable=False, null=True)),
                (
                    "name",
                    connections.persistence.fields.RuledCharField(
                        "Name",
                        blank=True,
                        help_text="Up to 128 characters, not starting with http://.",
                        max_length=128,
                    ),
                ),
                (
                    "description",
                    connections.persistence.fields.RuledCharField("Description", blank=True, max_length=256),
                ),
                ("is_default", models.BooleanField("Default Route Table", default=False, editable=False)),
                (
                    "account",
                    foreign_key(
                        "account", on_delete=django.db.models.deletion.PROTECT, editable=False, related_name="+"
                    ),
                ),
                (
                    "transit_router",
                    foreign_key("transitrouter", db_index=False, editable=False, related_name="route_tables"),
                ),
            ],
            {
                "indexes": [models.Index(fields=["transit_router", "id"], name="table_of_router")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("transit_router",), condition=Q(is_default=True), name="one_default_table"
                    )
                ],
            },
        ),
        migrations.AddField(
            "RouteEntry",
            "route_table",
            foreign_key("routetable", db_index=False, editable=False, null=True, related_name="entries"),
        ),
        migrations.RunPython(create_default_tables, migrations.RunPython.noop),
        migrations.RemoveConstraint("RouteEntry", "entry_destination_once"),
        migrations.RemoveField("RouteEntry", "transit_router"),
        migrations.AlterField(
            "RouteEntry",
            "route_table",
            foreign_key("routetable", db_index=False, editable=False, related_name="entries"),
        ),
        migrations.AddConstraint(
            "RouteEntry", models.UniqueConstraint(F("route_table"), F("destination"), name="entry_destination_once")
        ),
        migrations.RemoveField("TransitRouter", "route_table_id"),
        migrations.AddField(
            "Attachment",
            "custom_table",
            foreign_key(
                "routetable",
                on_delete=django.db.models.deletion.PROTECT,
                editable=False,
                null=True,
                related_name="associated",
                verbose_name="Associated Route Table",
            ),
        ),
        migrations.AddConstraint(
            "Attachment",
            models.CheckConstraint(
                condition=Q(associate_default_route_table=False) | Q(custom_table__isnull=True),
                name="at_most_one_association",
            ),
        ),
        migrations.CreateModel(
            "Propagation",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "created_at",
                    models.DateTimeField("Created At", default=connections.clock.now, editable=False),
                ),
                ("attachment", foreign_key("attachment", db_index=False, related_name="propagations")),
                (
                    "route_table",
                    foreign_key(
                        "routetable", on_delete=django.db.models.deletion.PROTECT, related_name="propagations"
                    ),
                ),
            ],
            {
                "ordering": ("id",),
                "constraints": [
                    models.UniqueConstraint(F("attachment"), F("route_table"), name="propagation_once")
                ],
            },
        ),
        migrations.RemoveConstraint("Tag", "tag_on_one_resource"),
        migrations.AddField("Tag", "route_table", foreign_key("routetable", null=True, related_name="tags")),
        migrations.AddConstraint(
            "Tag", models.CheckConstraint(condition=on_one_resource(), name="tag_on_one_resource")
        ),
        migrations.AddConstraint(
            "Tag", models.UniqueConstraint(F("route_table"), F("key"), name="route_table_tag_once")
        ),
    ]
