"""Store how far IKE has come with each tunnel. No tunnel has been negotiated yet."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('connections', '0023_derived_columns'),
    ]

    operations = [
        migrations.AddField(
            model_name='tunnel',
            name='negotiation_status',
            field=models.CharField(choices=[('ike_sa_not_established', 'Phase 1 Not Negotiated'), ('ike_sa_established', 'Phase 1 Negotiation Succeeded'), ('ipsec_sa_not_established', 'Phase 2 Negotiation Failed'), ('ipsec_sa_established', 'Phase 2 Negotiation Succeeded')], default='ike_sa_not_established', editable=False, max_length=32),
        ),
        migrations.AddIndex(
            model_name='tunnel',
            index=models.Index(fields=['account', 'region_id', 'negotiation_status', 'connection'], name='tunnel_status'),
        ),
    ]
