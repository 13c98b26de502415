import connections.persistence.fields
from django.db import migrations

from connections.persistence import encryption

SEALED = (("CustomerGateway", "auth_key"), ("Tunnel", "psk"))


def seal(apps, schema_editor):
    """What stood there in clear comes out as if it were a token, and goes back sealed."""
    # Nothing is sealed before this step.
    encryption.make_first_key()
    for model, field in SEALED:
        rows = apps.get_model("connections", model)._default_manager.using(schema_editor.connection.alias)
        for pk, clear in rows.values_list("pk", field).iterator():
            if clear:
                rows.filter(pk=pk).update(**{field: clear.token})


def unseal(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for model, field in SEALED:
            table = apps.get_model("connections", model)
            for pk, sealed in table._default_manager.values_list("pk", field).iterator():
                if sealed:
                    words = f'UPDATE {table._meta.db_table} SET {field} = %s WHERE id = %s'
                    cursor.execute(words, [sealed.open(), pk])


class Migration(migrations.Migration):

    dependencies = [
        ('connections', '0002_life_of_a_connection'),
    ]

    operations = [
        migrations.AlterField(
            model_name='customergateway',
            name='auth_key',
            field=connections.persistence.fields.EncryptedField(blank=True, help_text='Password of the BGP session. Up to 64 ASCII characters; no spaces or question marks.', max_length=64, verbose_name='BGP Key'),
        ),
        migrations.AlterField(
            model_name='tunnel',
            name='psk',
            field=connections.persistence.fields.EncryptedField(blank=True, help_text='1 to 100 letters, digits or special characters, no spaces. Must match on both sides. Leave blank to generate one.', max_length=100, verbose_name='Pre-Shared Key'),
        ),
        migrations.RunPython(seal, unseal),
    ]
