"""Parties who are handed the checkpoints of the log and cosign them."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0010_scope_of_the_log'),
    ]

    operations = [
        migrations.CreateModel(
            name='LogWitness',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('url', models.CharField(help_text='what stands before /add-checkpoint', max_length=500)),
                ('key', models.CharField(help_text='name+id+base64, as the witness publishes it', max_length=400, unique=True)),
                ('added_at', models.DateTimeField()),
                ('known_size', models.BigIntegerField(default=0)),
                ('size', models.BigIntegerField(blank=True, null=True)),
                ('cosigned_at', models.DateTimeField(blank=True, null=True)),
                ('note', models.TextField(blank=True, help_text='the checkpoint as the log signed it')),
                ('line', models.TextField(blank=True, help_text="the witness's signature line of that checkpoint")),
                ('next_attempt_at', models.DateTimeField(blank=True, null=True)),
                ('failures', models.IntegerField(default=0)),
                ('last_error_code', models.CharField(blank=True, max_length=60)),
                ('last_error', models.CharField(blank=True, max_length=500)),
                ('last_error_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('cosigned_at', None), ('line', ''), ('note', ''), ('size', None)), models.Q(('cosigned_at__isnull', False), ('size__isnull', False), models.Q(('note', ''), _negated=True), models.Q(('line', ''), _negated=True)), _connector='OR'), name='core_logwitness_cosigned')],
            },
        ),
    ]
