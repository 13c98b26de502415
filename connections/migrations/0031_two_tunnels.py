"""Let a connection have two tunnels, and an account refuse new ones with a single tunnel."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('connections', "0030_untried"),
    ]

    operations = [
        migrations.AddField(
            model_name='account',
            name='refuses_single_tunnels',
            field=models.BooleanField(default=False, help_text='As the product does by now. Connections with one tunnel that exist stay as they are.', verbose_name='Refuse new connections with one tunnel'),
        ),
        migrations.AddField(
            model_name='connection',
            name='tunnel_count',
            field=models.PositiveSmallIntegerField(default=1, editable=False),
        ),
        migrations.AlterField(
            model_name='attachment',
            name='zone',
            field=models.CharField(blank=True, choices=[('cn-hangzhou-b', 'Zone B (cn-hangzhou-b)'), ('cn-hangzhou-h', 'Zone H (cn-hangzhou-h)'), ('cn-hangzhou-i', 'Zone I (cn-hangzhou-i)'), ('cn-hangzhou-j', 'Zone J (cn-hangzhou-j)'), ('cn-hangzhou-k', 'Zone K (cn-hangzhou-k)'), ('cn-shanghai-b', 'Zone B (cn-shanghai-b)'), ('cn-shanghai-e', 'Zone E (cn-shanghai-e)'), ('cn-shanghai-f', 'Zone F (cn-shanghai-f)'), ('cn-shanghai-g', 'Zone G (cn-shanghai-g)'), ('cn-shanghai-l', 'Zone L (cn-shanghai-l)'), ('cn-shanghai-m', 'Zone M (cn-shanghai-m)'), ('cn-shanghai-n', 'Zone N (cn-shanghai-n)'), ('cn-nanjing-a', 'Zone A (cn-nanjing-a)'), ('cn-fuzhou-a', 'Zone A (cn-fuzhou-a)'), ('cn-shenzhen-a', 'Zone A (cn-shenzhen-a)'), ('cn-shenzhen-c', 'Zone C (cn-shenzhen-c)'), ('cn-shenzhen-d', 'Zone D (cn-shenzhen-d)'), ('cn-shenzhen-e', 'Zone E (cn-shenzhen-e)'), ('cn-shenzhen-f', 'Zone F (cn-shenzhen-f)'), ('cn-heyuan-a', 'Zone A (cn-heyuan-a)'), ('cn-heyuan-b', 'Zone B (cn-heyuan-b)'), ('cn-guangzhou-a', 'Zone A (cn-guangzhou-a)'), ('cn-guangzhou-b', 'Zone B (cn-guangzhou-b)'), ('cn-qingdao-b', 'Zone B (cn-qingdao-b)'), ('cn-qingdao-c', 'Zone C (cn-qingdao-c)'), ('cn-beijing-c', 'Zone C (cn-beijing-c)'), ('cn-beijing-f', 'Zone F (cn-beijing-f)'), ('cn-beijing-g', 'Zone G (cn-beijing-g)'), ('cn-beijing-h', 'Zone H (cn-beijing-h)'), ('cn-beijing-i', 'Zone I (cn-beijing-i)'), ('cn-beijing-j', 'Zone J (cn-beijing-j)'), ('cn-beijing-k', 'Zone K (cn-beijing-k)'), ('cn-beijing-l', 'Zone L (cn-beijing-l)'), ('cn-zhangjiakou-a', 'Zone A (cn-zhangjiakou-a)'), ('cn-zhangjiakou-b', 'Zone B (cn-zhangjiakou-b)'), ('cn-zhangjiakou-c', 'Zone C (cn-zhangjiakou-c)'), ('cn-huhehaote-a', 'Zone A (cn-huhehaote-a)'), ('cn-huhehaote-b', 'Zone B (cn-huhehaote-b)'), ('cn-wulanchabu-a', 'Zone A (cn-wulanchabu-a)'), ('cn-wulanchabu-b', 'Zone B (cn-wulanchabu-b)'), ('cn-wulanchabu-c', 'Zone C (cn-wulanchabu-c)'), ('cn-chengdu-a', 'Zone A (cn-chengdu-a)'), ('cn-chengdu-b', 'Zone B (cn-chengdu-b)'), ('cn-hongkong-b', 'Zone B (cn-hongkong-b)'), ('cn-hongkong-c', 'Zone C (cn-hongkong-c)'), ('cn-hongkong-d', 'Zone D (cn-hongkong-d)'), ('ap-southeast-1a', 'Zone A (ap-southeast-1a)'), ('ap-southeast-1b', 'Zone B (ap-southeast-1b)'), ('ap-southeast-1c', 'Zone C (ap-southeast-1c)'), ('ap-southeast-3a', 'Zone A (ap-southeast-3a)'), ('ap-southeast-3b', 'Zone B (ap-southeast-3b)'), ('ap-southeast-3c', 'Zone C (ap-southeast-3c)'), ('ap-southeast-5a', 'Zone A (ap-southeast-5a)'), ('ap-southeast-5b', 'Zone B (ap-southeast-5b)'), ('ap-southeast-5c', 'Zone C (ap-southeast-5c)'), ('ap-southeast-6a', 'Zone A (ap-southeast-6a)'), ('ap-southeast-6b', 'Zone B (ap-southeast-6b)'), ('ap-southeast-7a', 'Zone A (ap-southeast-7a)'), ('ap-southeast-7b', 'Zone B (ap-southeast-7b)'), ('ap-northeast-1a', 'Zone A (ap-northeast-1a)'), ('ap-northeast-1b', 'Zone B (ap-northeast-1b)'), ('ap-northeast-1c', 'Zone C (ap-northeast-1c)'), ('ap-northeast-1e', 'Zone E (ap-northeast-1e)'), ('ap-northeast-2a', 'Zone A (ap-northeast-2a)'), ('ap-northeast-2b', 'Zone B (ap-northeast-2b)'), ('eu-central-1a', 'Zone A (eu-central-1a)'), ('eu-central-1b', 'Zone B (eu-central-1b)'), ('eu-central-1c', 'Zone C (eu-central-1c)'), ('eu-west-1a', 'Zone A (eu-west-1a)'), ('eu-west-1b', 'Zone B (eu-west-1b)'), ('us-east-1a', 'Zone A (us-east-1a)'), ('us-east-1b', 'Zone B (us-east-1b)'), ('us-west-1a', 'Zone A (us-west-1a)'), ('us-west-1b', 'Zone B (us-west-1b)'), ('us-southeast-1a', 'Zone A (us-southeast-1a)'), ('us-southeast-1b', 'Zone B (us-southeast-1b)'), ('na-south-1a', 'Zone A (na-south-1a)'), ('me-east-1a', 'Zone A (me-east-1a)'), ('me-east-1b', 'Zone B (me-east-1b)'), ('me-central-1a', 'Zone A (me-central-1a)'), ('me-central-1b', 'Zone B (me-central-1b)')], help_text="Where the connection's resources are created.", max_length=32, verbose_name='Zone'),
        ),
        migrations.AddConstraint(
            model_name='connection',
            constraint=models.CheckConstraint(condition=models.Q(('tunnel_count__range', (1, 2))), name='connection_tunnel_count'),
        ),
    ]
