import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tracker', '0010_reading_the_log'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReportSender',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(help_text='Stands for the address; keyed, not reversible.', max_length=64, unique=True)),
                ('sent', models.JSONField(default=list, help_text='Moments of the last day, in seconds since 1970.')),
                ('seen', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.AddField(
            model_name='report',
            name='act',
            field=models.ForeignKey(blank=True, help_text='What corrected it.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tracker.act'),
        ),
    ]
