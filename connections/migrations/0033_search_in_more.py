"""Connections are found by AS numbers, networks and tags too."""

from django.db import migrations

AT_ONCE = 500


def write_search_texts(apps, schema_editor):
    Connection = apps.get_model("connections", "Connection")
    rows = Connection.objects.prefetch_related("tunnels__customer_gateway", "tags").order_by("pk")
    changed = []
    for connection in rows.iterator(AT_ONCE):
        # The text begins with the account and the region.
        words = [connection.search_text[:3] + connection.name, connection.resource_id]
        asns = [connection.local_asn] if connection.enable_bgp else []
        for tunnel in sorted(connection.tunnels.all(), key=lambda one: one.index):
            words += [tunnel.internet_ip, tunnel.customer_gateway.ip_address]
            asns.append(tunnel.customer_gateway.asn)
        words += [str(asn) for asn in dict.fromkeys(asns) if asn]
        tags = [f"{tag.key}={tag.value}" if tag.value else tag.key for tag in connection.tags.all()]
        words += [*connection.local_subnet, *connection.remote_subnet, *sorted(tags)]
        connection.search_text = "\n".join(words)
        changed.append(connection)
        if len(changed) >= AT_ONCE:
            Connection.objects.bulk_update(changed, ["search_text"])
            changed = []
    Connection.objects.bulk_update(changed, ["search_text"])


class Migration(migrations.Migration):
    dependencies = [("connections", "0032_policy_based_devices")]

    operations = [migrations.RunPython(write_search_texts, migrations.RunPython.noop)]
