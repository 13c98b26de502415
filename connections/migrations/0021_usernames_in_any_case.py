from django.conf import settings
from django.core.management.base import CommandError
from django.db import migrations, models
from django.db.models import Count
from django.db.models.functions import Lower

RENAME = "from connections.models import User; User.objects.filter(username='{name}').update(username='NEW NAME')"


def refuse_names_that_differ_in_case_alone(apps, schema_editor):
    users = apps.get_model("connections", "User").objects.using(schema_editor.connection.alias)
    folded = users.annotate(folded=Lower("username")).values("folded").annotate(count=Count("pk")).filter(count__gt=1)
    names = users.annotate(folded=Lower("username")).filter(folded__in=folded.values("folded"))
    names = list(names.order_by("folded", "pk").values_list("username", flat=True))
    if names:
        raise CommandError(
            f"User names may no longer differ in case alone: {', '.join(names)}. Nothing was changed. Rename all but one "
            f'of each, then migrate again: {settings.PROGRAM} manage shell -c "{RENAME.format(name=names[-1])}"'
        )


class Migration(migrations.Migration):
    dependencies = [("connections", "0019_clean_records_of_requests")]

    operations = [
        migrations.RunPython(refuse_names_that_differ_in_case_alone, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(Lower("username"), name="username_once_in_any_case"),
        ),
    ]
