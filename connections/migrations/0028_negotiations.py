"""Store how long a negotiation status holds, what happens around tunnels, and what tunnels were."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('connections', '0027_devices'),
    ]

    operations = [
        migrations.CreateModel(
            name='Chapter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('situation', models.JSONField()),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.AddField(
            model_name='device',
            name='earlier_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='device',
            name='earlier_code',
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name='device',
            name='happenings',
            field=models.JSONField(default=dict, editable=False),
        ),
        migrations.AddField(
            model_name='tunnel',
            name='negotiation_changes',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='tunnel',
            name='negotiation_settles',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name='tunnel',
            index=models.Index(fields=['account', 'region_id', 'negotiation_settles'], name='tunnel_settling'),
        ),
        migrations.AddIndex(
            model_name='tunnel',
            index=models.Index(fields=['account', 'region_id', 'negotiation_changes'], name='tunnel_changing'),
        ),
        migrations.AddField(
            model_name='chapter',
            name='tunnel',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='chapters', to='connections.tunnel'),
        ),
        migrations.AddIndex(
            model_name='chapter',
            index=models.Index(fields=['tunnel', 'until'], name='chapter_of_tunnel'),
        ),
    ]
