"""Give each tunnel a simulated device, which is not configured."""

import connections.clock
import connections.persistence.fields
import django.db.models.deletion
from django.db import migrations, models


def make_devices(apps, schema_editor):
    """Insert all devices by one statement: an account may have many tunnels."""
    connection, Device = schema_editor.connection, apps.get_model("connections", "Device")
    columns = [field for field in Device._meta.concrete_fields if field.name not in ("id", "tunnel")]
    names = ", ".join(schema_editor.quote_name(field.column) for field in columns)
    values = [field.get_db_prep_save(field.get_default(), connection) for field in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO connections_device (tunnel_id, {names}) "
            f"SELECT id, {', '.join(['%s'] * len(values))} FROM connections_tunnel ORDER BY id",
            values,
        )


class Migration(migrations.Migration):

    dependencies = [
        ('connections', '0026_route_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='Device',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.PositiveIntegerField(default=1, editable=False)),
                ('changed_at', models.DateTimeField(default=connections.clock.now, editable=False)),
                ('is_configured', models.BooleanField(default=False, editable=False)),
                ('is_on', models.BooleanField(default=True, editable=False)),
                ('has_line', models.BooleanField(default=True, editable=False)),
                ('address', connections.persistence.fields.RuledCharField(blank=True, max_length=15)),
                ('peer_address', connections.persistence.fields.RuledCharField(blank=True, max_length=15)),
                ('ike_version', connections.persistence.fields.TextListField(blank=True, default=list, max_length=200)),
                ('ike_mode', connections.persistence.fields.RuledCharField(default='main', max_length=16)),
                ('ike_enc_alg', connections.persistence.fields.TextListField(blank=True, default=list, max_length=200)),
                ('ike_auth_alg', connections.persistence.fields.TextListField(blank=True, default=list, max_length=200)),
                ('ike_pfs', connections.persistence.fields.TextListField(blank=True, default=list, max_length=200)),
                ('ike_lifetime', connections.persistence.fields.RuledIntegerField(default=86400)),
                ('psk', connections.persistence.fields.EncryptedField(blank=True, max_length=100)),
                ('local_id', connections.persistence.fields.RuledCharField(blank=True, max_length=100)),
                ('remote_id', connections.persistence.fields.RuledCharField(blank=True, max_length=100)),
                ('local_id_kind', connections.persistence.fields.RuledCharField(blank=True, max_length=16)),
                ('remote_id_kind', connections.persistence.fields.RuledCharField(blank=True, max_length=16)),
                ('ipsec_enc_alg', connections.persistence.fields.TextListField(blank=True, default=list, max_length=200)),
                ('ipsec_auth_alg', connections.persistence.fields.TextListField(blank=True, default=list, max_length=200)),
                ('ipsec_pfs', connections.persistence.fields.TextListField(blank=True, default=list, max_length=200)),
                ('ipsec_lifetime', connections.persistence.fields.RuledIntegerField(default=86400)),
                ('ipsec_kilobytes', connections.persistence.fields.RuledIntegerField(default=0)),
                ('enable_dpd', models.BooleanField(default=True)),
                ('enable_nat_traversal', models.BooleanField(default=True)),
                ('local_subnet', connections.persistence.fields.CidrListField(blank=True, default=list, max_length=200)),
                ('remote_subnet', connections.persistence.fields.CidrListField(blank=True, default=list, max_length=200)),
                ('starts', connections.persistence.fields.RuledCharField(default='itself', max_length=16)),
                ('enable_bgp', models.BooleanField(default=False)),
                ('local_asn', connections.persistence.fields.AsnField(blank=True, null=True)),
                ('local_bgp_ip', connections.persistence.fields.RuledCharField(blank=True, max_length=15)),
                ('peer_asn', connections.persistence.fields.AsnField(blank=True, null=True)),
                ('peer_bgp_ip', connections.persistence.fields.RuledCharField(blank=True, max_length=15)),
                ('auth_key', connections.persistence.fields.EncryptedField(blank=True, max_length=64)),
                ('hold_time', connections.persistence.fields.RuledIntegerField(default=90)),
                ('router_id', connections.persistence.fields.RuledCharField(blank=True, max_length=15)),
                ('bgp_source_ip', connections.persistence.fields.RuledCharField(blank=True, max_length=15)),
                ('bgp_port_open', models.BooleanField(default=True)),
                ('bgp_exports', models.BooleanField(default=True)),
                ('announced', connections.persistence.fields.TextListField(blank=True, default=list, max_length=4000, most=100)),
                ('is_behind_nat', models.BooleanField(default=False)),
                ('udp_500_open', models.BooleanField(default=True)),
                ('udp_4500_open', models.BooleanField(default=True)),
                ('esp_open', models.BooleanField(default=True)),
                ('loss', connections.persistence.fields.RuledIntegerField(default=0)),
                ('uses_ah', models.BooleanField(default=False)),
                ('uses_transport_mode', models.BooleanField(default=False)),
                ('commit_bit', models.BooleanField(default=False)),
                ('has_odd_hash', models.BooleanField(default=False)),
                ('has_odd_dpd', models.BooleanField(default=False)),
                ('rekeys', models.BooleanField(default=True)),
                ('sa_per_pair', models.BooleanField(default=False)),
                ('narrows', models.BooleanField(default=True)),
                ('mtu', connections.persistence.fields.RuledIntegerField(default=1399)),
                ('clamps_mss', models.BooleanField(default=False)),
                ('has_source_nat', models.BooleanField(default=False)),
                ('probe_host_answers', models.BooleanField(default=True)),
                ('probe_allowed', models.BooleanField(default=True)),
                ('probe_routed_back', models.BooleanField(default=True)),
                ('probe_same_path', models.BooleanField(default=True)),
                ('tunnel', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='device', to='connections.tunnel')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.RunPython(make_devices, migrations.RunPython.noop),
    ]
