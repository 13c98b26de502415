"""Nothing for Django: what the database keeps beside the rows is made anew after a migration (`connections.search`)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("connections", "0015_what_grows")]
    operations = []
