import django.db.models.deletion
from django.db import migrations, models

import connections.persistence.fields


class Migration(migrations.Migration):
    """Name, description, publication of the route, and revision of the CIDR blocks of transit routers."""

    dependencies = [
        ("connections", "0024_negotiation_status"),
    ]

    operations = [
        migrations.AddField(
            model_name="transitroutercidr",
            name="name",
            field=connections.persistence.fields.RuledCharField(
                blank=True,
                help_text="Up to 128 characters, not starting with http://.",
                max_length=128,
                verbose_name="Name",
            ),
        ),
        migrations.AddField(
            model_name="transitroutercidr",
            name="description",
            field=connections.persistence.fields.RuledCharField(
                blank=True, max_length=256, verbose_name="Description"
            ),
        ),
        migrations.AddField(
            model_name="transitroutercidr",
            name="publish_cidr_route",
            field=models.BooleanField(
                default=True,
                help_text="Enters the block in the route table and advertises it over BGP.",
                verbose_name="Publish Route",
            ),
        ),
        migrations.AddField(
            model_name="transitroutercidr",
            name="revision",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AlterField(
            model_name="transitroutercidr",
            name="cidr",
            field=connections.persistence.fields.RuledCharField(max_length=18, verbose_name="CIDR Block"),
        ),
        migrations.AlterField(
            model_name="transitroutercidr",
            name="transit_router",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="cidrs",
                to="connections.transitrouter",
            ),
        ),
    ]
