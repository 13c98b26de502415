"""Lists of connections are sorted by status and customer gateway too, and lists may show all regions."""

from django.db import migrations, models
from django.db.models import Case, Max, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce, NullIf

STATUSES = (
    "not_negotiated",
    "ike_sa_not_established",
    "ike_sa_established",
    "ipsec_sa_not_established",
    "ipsec_sa_established",
)


def write_columns(apps, schema_editor):
    Connection, Tunnel = (apps.get_model("connections", name) for name in ("Connection", "Tunnel"))
    tunnels = Tunnel.objects.filter(connection=OuterRef("pk")).order_by()
    gateway = Coalesce(NullIf("customer_gateway__name", Value("")), "customer_gateway__resource_id")
    place = Case(*(When(negotiation_status=status, then=place) for place, status in enumerate(STATUSES)))
    names = tunnels.filter(index=1).annotate(named=gateway).values("named")
    ranks = tunnels.values("connection").annotate(rank=Max(place)).values("rank")
    Connection.objects.update(
        gateway_name=Coalesce(Subquery(names), Value("")), status_rank=Coalesce(Subquery(ranks), Value(0))
    )


class Migration(migrations.Migration):
    dependencies = [("connections", "0033_search_in_more")]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="gateway_name",
            field=models.CharField(default="", editable=False, max_length=100),
        ),
        migrations.AddField(
            model_name="connection",
            name="status_rank",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.RunPython(write_columns, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="connection",
            index=models.Index(fields=["account", "region_id", "gateway_name", "id"], name="connection_gateway"),
        ),
        migrations.AddIndex(
            model_name="connection",
            index=models.Index(fields=["account", "region_id", "status_rank", "id"], name="connection_status"),
        ),
        migrations.AddIndex(
            model_name="connection",
            index=models.Index(fields=["account", "-id"], name="connection_all"),
        ),
        migrations.AddIndex(
            model_name="connection",
            index=models.Index(fields=["account", "name", "id"], name="connection_all_name"),
        ),
        migrations.AddIndex(
            model_name="connection",
            index=models.Index(fields=["account", "created_at"], name="connection_all_created"),
        ),
        migrations.AddIndex(
            model_name="connection",
            index=models.Index(fields=["account", "is_bound", "id"], name="connection_all_bound"),
        ),
        migrations.AddIndex(
            model_name="connection",
            index=models.Index(fields=["account", "gateway_name", "id"], name="connection_all_gateway"),
        ),
        migrations.AddIndex(
            model_name="connection",
            index=models.Index(fields=["account", "status_rank", "id"], name="connection_all_status"),
        ),
        migrations.AddIndex(
            model_name="customergateway",
            index=models.Index(fields=["account", "-id"], name="gateway_all"),
        ),
        migrations.AddIndex(
            model_name="customergateway",
            index=models.Index(fields=["account", "name", "id"], name="gateway_all_name"),
        ),
        migrations.AddIndex(
            model_name="customergateway",
            index=models.Index(fields=["account", "created_at"], name="gateway_all_created"),
        ),
    ]
