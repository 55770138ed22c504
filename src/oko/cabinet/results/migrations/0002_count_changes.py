from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("results", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="workspartition",
            name="changes",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="workspartition",
            name="written",
            field=models.PositiveBigIntegerField(default=0),
        ),
    ]
