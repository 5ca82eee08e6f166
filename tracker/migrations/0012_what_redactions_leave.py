"""What redacted rows read since stands in the chain, and a row may be redacted more than once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tracker", "0011_report_senders")]
    operations = [
        migrations.AddField(
            model_name="redaction",
            name="digest",
            field=models.CharField(
                blank=True, default="", max_length=64,
                help_text="sha256 over every revision that this or an earlier redaction changed, as it reads since.",
            ),
        ),
        migrations.AddField(
            model_name="redacted",
            name="also",
            field=models.TextField(help_text="The other redactions of this row, in words.", null=True),
        ),
    ]  # fmt: skip
