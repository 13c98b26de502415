"""Tell tunnels of which nothing has been tried from those whose phase 1 has failed; store what lists show of each."""

from django.db import migrations, models
from django.db.models import Q

STATUSES = (
    ("not_negotiated", "Not Negotiated"),
    ("ike_sa_not_established", "Phase 1 Negotiation Failed"),
    ("ike_sa_established", "Phase 1 Negotiation Succeeded"),
    ("ipsec_sa_not_established", "Phase 2 Negotiation Failed"),
    ("ipsec_sa_established", "Phase 2 Negotiation Succeeded"),
)


def tell_apart(apps, schema_editor):
    """Without a configured device, the cloud tries if it has an address and is to start immediately."""
    Tunnel = apps.get_model("connections", "Tunnel")
    Device = apps.get_model("connections", "Device")
    bare = Device.objects.filter(is_configured=False).values("tunnel")
    idle = Tunnel.objects.filter(Q(internet_ip="") | Q(connection__effect_immediately=False), pk__in=bare)
    Tunnel.objects.filter(pk__in=idle.values("pk")).update(negotiation_status="not_negotiated")


def join_again(apps, schema_editor):
    Tunnel = apps.get_model("connections", "Tunnel")
    Tunnel.objects.filter(negotiation_status="not_negotiated").update(negotiation_status="ike_sa_not_established")


class Migration(migrations.Migration):

    dependencies = [
        ('connections', '0029_account_settings'),
    ]

    operations = [
        migrations.AlterField(
            model_name='tunnel',
            name='negotiation_status',
            field=models.CharField(choices=STATUSES, default='not_negotiated', editable=False, max_length=32),
        ),
        migrations.AddField(
            model_name='tunnel',
            name='negotiation_shows',
            field=models.JSONField(editable=False, null=True),
        ),
        migrations.RunPython(tell_apart, join_again),
    ]
