"""How far a long import is, for the page that waits for it."""

import django.db.models.deletion
from django.db import migrations, models

import connections.clock


class Migration(migrations.Migration):
    dependencies = [("connections", "0021_usernames_in_any_case")]

    operations = [
        migrations.CreateModel(
            name="ImportProgress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.CharField(editable=False, max_length=36)),
                ("done", models.PositiveIntegerField()),
                ("total", models.PositiveIntegerField()),
                ("at", models.DateTimeField(default=connections.clock.now)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="connections.account"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(models.F("account"), models.F("token"), name="import_progress_once")
                ],
            },
        ),
    ]
