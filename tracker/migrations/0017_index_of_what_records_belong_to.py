from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tracker", "0016_what_records_belong_to")]
    operations = [
        migrations.AddIndex(
            model_name='interval',
            index=models.Index(condition=models.Q(('subject__isnull', False)), fields=['subject'], name='interval_by_subject'),
        ),
    ]
