from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('exchange', '0009_codemapping_where'),
    ]

    operations = [
        migrations.AddField(
            model_name='source',
            name='tube_days',
            field=models.PositiveSmallIntegerField(db_default=7, default=7, help_text='calendar days for which no number is given to a second tube'),
        ),
        migrations.AddField(
            model_name='source',
            name='tube_number',
            field=models.CharField(choices=[('specimen', 'SPM-2, SPM-30, SAC-3'), ('placer', 'OBR-2'), ('filler', 'OBR-3'), ('none', '–')], db_default='specimen', default='specimen', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='source',
            constraint=models.CheckConstraint(condition=models.Q(('tube_number__in', ['specimen', 'placer', 'filler', 'none'])), name='exchange_source_tube_number'),
        ),
        migrations.AddConstraint(
            model_name='source',
            constraint=models.CheckConstraint(condition=models.Q(('tube_days__gte', 1)), name='exchange_source_tube_days'),
        ),
    ]
