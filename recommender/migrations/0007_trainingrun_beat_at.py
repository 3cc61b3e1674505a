from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("recommender", "0006_words_of_rows")]

    operations = [
        migrations.AddField(
            "trainingrun", "beat_at", models.DateTimeField(blank=True, null=True)
        ),
    ]
