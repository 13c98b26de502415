import connections.clock
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Answers kept for repetitions belong to a user, and hold no keys.

    The rows of before, which a day would have removed, do not say whose they were, and the API's may hold keys. They
    go with their tables.
    """

    dependencies = [
        ('connections', '0016_words_of_gateways'),
    ]

    operations = [
        migrations.CreateModel(
            name='ApiRefusal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(editable=False, max_length=64)),
                ('at', models.DateTimeField(default=connections.clock.now)),
                ('access_key', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='refusals', to='connections.accesskey')),
            ],
            options={
                'ordering': ('-at',),
                'constraints': [models.UniqueConstraint(models.F('access_key'), models.F('code'), name='api_refusal_once')],
            },
        ),
        migrations.DeleteModel(name='ApiToken'),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('operation', models.CharField(max_length=64)),
                ('token', models.CharField(max_length=64)),
                ('parameters', models.CharField(max_length=64)),
                ('answer', models.JSONField(default=dict)),
                ('expires_at', models.DateTimeField(db_index=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(models.F('user'), models.F('operation'), models.F('token'), name='client_token_once')],
            },
        ),
        migrations.DeleteModel(name='Submission'),
        migrations.CreateModel(
            name='Submission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(max_length=36)),
                ('request_id', models.CharField(blank=True, max_length=36)),
                ('resource_id', models.CharField(blank=True, max_length=32)),
                ('leads_to', models.TextField(blank=True)),
                ('said', models.TextField(blank=True)),
                ('at', models.DateTimeField(default=connections.clock.now)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['user', 'at'], name='submission_age')],
                'constraints': [models.UniqueConstraint(models.F('user'), models.F('token'), name='submission_once')],
            },
        ),
    ]
