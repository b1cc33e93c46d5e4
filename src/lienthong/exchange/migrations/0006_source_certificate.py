from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exchange", "0005_book_of_controls")]
    operations = [
        migrations.AddField(
            model_name="source",
            name="certificate",
            field=models.CharField(
                blank=True,
                default="",
                db_default="",
                help_text="name in the client certificate that it must connect with",
                max_length=200,
            ),
        ),
    ]
