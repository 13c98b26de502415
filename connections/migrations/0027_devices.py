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
                ('is_configured', models.BooleanField(default=False, editable=False, verbose_name='Configured')),
                ('is_on', models.BooleanField(default=True, editable=False, verbose_name='Power')),
                ('has_line', models.BooleanField(default=True, editable=False, verbose_name='Line')),
                ('address', connections.persistence.fields.RuledCharField(blank=True, help_text="The public address from which the cloud receives the device's packets.", max_length=15, verbose_name='Device IP Address')),
                ('peer_address', connections.persistence.fields.RuledCharField(blank=True, help_text='Where the device sends its packets: the gateway IP address of the connection.', max_length=15, verbose_name='Gateway IP Address')),
                ('ike_version', connections.persistence.fields.TextListField(blank=True, default=list, help_text='The device offers these. The first one is preferred.', max_length=200, verbose_name='Version')),
                ('ike_mode', connections.persistence.fields.RuledCharField(choices=[('main', 'main'), ('aggressive', 'aggressive')], default='main', help_text='Only with ikev1. Must be the same on both sides.', max_length=16, verbose_name='Negotiation Mode')),
                ('ike_enc_alg', connections.persistence.fields.TextListField(blank=True, default=list, help_text='The device offers these. The first one is preferred.', max_length=200, verbose_name='Encryption Algorithm')),
                ('ike_auth_alg', connections.persistence.fields.TextListField(blank=True, default=list, help_text='The device offers these. The first one is preferred.', max_length=200, verbose_name='Authentication Algorithm')),
                ('ike_pfs', connections.persistence.fields.TextListField(blank=True, default=list, help_text='The device offers these. The first one is preferred.', max_length=200, verbose_name='DH Group')),
                ('ike_lifetime', connections.persistence.fields.RuledIntegerField(default=86400, help_text='0 to 86400 seconds.', verbose_name='SA Life Cycle (seconds)')),
                ('psk', connections.persistence.fields.EncryptedField(blank=True, help_text='The same on both sides. Without a key, the device has none for this tunnel.', max_length=100, verbose_name='Pre-Shared Key')),
                ('local_id', connections.persistence.fields.RuledCharField(blank=True, help_text='The identity that the device sends: RemoteId of the connection.', max_length=100, verbose_name='LocalId')),
                ('remote_id', connections.persistence.fields.RuledCharField(blank=True, help_text='The identity that the device expects: LocalId of the connection. %any accepts every identity.', max_length=100, verbose_name='RemoteId')),
                ('local_id_kind', connections.persistence.fields.RuledCharField(blank=True, choices=[('address', 'IP address'), ('fqdn', 'Domain name'), ('email', 'Email address')], help_text='Two identities are equal if both type and text are.', max_length=16, verbose_name='Type of LocalId')),
                ('remote_id_kind', connections.persistence.fields.RuledCharField(blank=True, choices=[('address', 'IP address'), ('fqdn', 'Domain name'), ('email', 'Email address')], help_text='Two identities are equal if both type and text are.', max_length=16, verbose_name='Type of RemoteId')),
                ('ipsec_enc_alg', connections.persistence.fields.TextListField(blank=True, default=list, help_text='The device offers these. The first one is preferred.', max_length=200, verbose_name='Encryption Algorithm')),
                ('ipsec_auth_alg', connections.persistence.fields.TextListField(blank=True, default=list, help_text='The device offers these. The first one is preferred.', max_length=200, verbose_name='Authentication Algorithm')),
                ('ipsec_pfs', connections.persistence.fields.TextListField(blank=True, default=list, help_text='The device offers these. The first one is preferred.', max_length=200, verbose_name='DH Group')),
                ('ipsec_lifetime', connections.persistence.fields.RuledIntegerField(default=86400, help_text='0 to 86400 seconds.', verbose_name='SA Life Cycle (seconds)')),
                ('ipsec_kilobytes', connections.persistence.fields.RuledIntegerField(default=0, help_text='Traffic after which the device ends the SA; the cloud has no such limit. 0: no limit.', verbose_name='SA Life Cycle (kilobytes)')),
                ('enable_dpd', models.BooleanField(default=True, help_text="Dead peer detection: checks that the peer is alive and renegotiates if it isn't.", verbose_name='DPD')),
                ('enable_nat_traversal', models.BooleanField(default=True, help_text='Detects NAT on the path and works through it.', verbose_name='NAT Traversal')),
                ('local_subnet', connections.persistence.fields.CidrListField(blank=True, default=list, help_text='Networks of the data center: Remote Network of the connection, or 0.0.0.0/0.', max_length=200, verbose_name='Local Network')),
                ('remote_subnet', connections.persistence.fields.CidrListField(blank=True, default=list, help_text='Networks on the cloud side: Local Network of the connection, or 0.0.0.0/0.', max_length=200, verbose_name='Remote Network')),
                ('starts', connections.persistence.fields.RuledCharField(choices=[('itself', 'By itself, and again after each failure'), ('traffic', 'When the data center sends traffic'), ('never', 'Never: it only answers')], default='itself', help_text='The side that answers sees both proposals, so its log names the difference.', max_length=16, verbose_name='Starts the Negotiation')),
                ('enable_bgp', models.BooleanField(default=False, help_text='Runs a BGP session through the tunnel.', verbose_name='Enable BGP')),
                ('local_asn', connections.persistence.fields.AsnField(blank=True, help_text='AS number of the data center: ASN of the customer gateway.', null=True, verbose_name='Local ASN')),
                ('local_bgp_ip', connections.persistence.fields.RuledCharField(blank=True, help_text="The device's address in Tunnel CIDR Block of the connection.", max_length=15, verbose_name='Local BGP IP address')),
                ('peer_asn', connections.persistence.fields.AsnField(blank=True, help_text='AS number of the cloud side: Local ASN of the connection.', null=True, verbose_name='Peer ASN')),
                ('peer_bgp_ip', connections.persistence.fields.RuledCharField(blank=True, help_text="The cloud side's address: Local BGP IP address of the connection.", max_length=15, verbose_name='Peer BGP IP address')),
                ('auth_key', connections.persistence.fields.EncryptedField(blank=True, help_text='Password of the session, the same as that of the customer gateway.', max_length=64, verbose_name='BGP Key')),
                ('hold_time', connections.persistence.fields.RuledIntegerField(default=90, help_text='0, or 3 to 65535; the protocol forbids 1 and 2.', verbose_name='Hold Time (seconds)')),
                ('router_id', connections.persistence.fields.RuledCharField(blank=True, help_text='Blank: Local BGP IP address of the device.', max_length=15, verbose_name='Router ID')),
                ('bgp_source_ip', connections.persistence.fields.RuledCharField(blank=True, help_text='From where the device opens the session. Blank: Local BGP IP address of the device.', max_length=15, verbose_name='BGP Source IP Address')),
                ('bgp_port_open', models.BooleanField(default=True, help_text='Off: a firewall blocks the BGP session.', verbose_name='TCP 179 Open')),
                ('bgp_exports', models.BooleanField(default=True, help_text='Off: no policy lets the networks out, so none is announced.', verbose_name='Export Policy')),
                ('announced', connections.persistence.fields.TextListField(blank=True, default=list, help_text='CIDR blocks, perhaps with the AS numbers behind them: 10.0.0.0/8 65001 65002.', max_length=4000, most=100, verbose_name='Announced Networks')),
                ('is_behind_nat', models.BooleanField(default=False, help_text='A NAT device is between the cloud and the device.', verbose_name='Behind NAT')),
                ('udp_500_open', models.BooleanField(default=True, help_text='Off: a firewall blocks IKE.', verbose_name='UDP 500 Open')),
                ('udp_4500_open', models.BooleanField(default=True, help_text='Off: a firewall blocks NAT traversal.', verbose_name='UDP 4500 Open')),
                ('esp_open', models.BooleanField(default=True, help_text='Off: a firewall blocks ESP packets, which carry the traffic.', verbose_name='ESP Open')),
                ('loss', connections.persistence.fields.RuledIntegerField(default=0, help_text='Packets that the line loses, 0 to 100.', verbose_name='Packet Loss (%)')),
                ('uses_ah', models.BooleanField(default=False, help_text='AH instead of ESP. The cloud supports ESP only.', verbose_name='AH')),
                ('uses_transport_mode', models.BooleanField(default=False, help_text='Transport mode instead of tunnel mode. The cloud supports tunnel mode only.', verbose_name='Transport Mode')),
                ('commit_bit', models.BooleanField(default=False, help_text='Insists on the commit bit, which the cloud does not support.', verbose_name='Commit Bit')),
                ('has_odd_hash', models.BooleanField(default=False, help_text='Computes the authentication algorithm of phase 2 in its own way.', verbose_name='Incompatible Hash')),
                ('has_odd_dpd', models.BooleanField(default=False, help_text='Puts notify before hash in its DPD messages (ikev1).', verbose_name='Incompatible DPD')),
                ('rekeys', models.BooleanField(default=True, help_text='Off: the tunnel drops at the end of a lifetime.', verbose_name='Renews SAs')),
                ('sa_per_pair', models.BooleanField(default=False, help_text='Instead of one for all; only the first pair works.', verbose_name='One SA per Pair of Networks')),
                ('narrows', models.BooleanField(default=True, help_text='Accepts networks that contain its own or lie within them (ikev2).', verbose_name='Narrows Networks')),
                ('mtu', connections.persistence.fields.RuledIntegerField(default=1399, help_text='The largest packets that users send into the tunnel. 1399 fit without fragments.', verbose_name='Packet Size (bytes)')),
                ('clamps_mss', models.BooleanField(default=False, help_text='Lowers the segment size of TCP, so that packets fit.', verbose_name='MSS Clamping')),
                ('has_source_nat', models.BooleanField(default=False, help_text='Rewrites source addresses of packets before they enter the tunnel.', verbose_name='Source NAT')),
                ('probe_host_answers', models.BooleanField(default=True, help_text='The destination of the health check is on and answers ICMP.', verbose_name='ICMP Host Answers')),
                ('probe_allowed', models.BooleanField(default=True, help_text='The device lets probes and their answers through.', verbose_name='ICMP Allowed')),
                ('probe_routed_back', models.BooleanField(default=True, help_text='The source of the health check is routed as a /32 into the tunnel.', verbose_name='Route Back')),
                ('probe_same_path', models.BooleanField(default=True, help_text='Answers take the tunnel from which the probes came.', verbose_name='Answers Through This Tunnel')),
                ('tunnel', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='device', to='connections.tunnel')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.RunPython(make_devices, migrations.RunPython.noop),
    ]
