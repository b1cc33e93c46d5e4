import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0001_start'),
        ('results', '0002_inbox_and_result'),
    ]

    operations = [
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('source', models.CharField(max_length=60)),
                ('placer_number', models.CharField(blank=True, help_text='ORC-2', max_length=100)),
                ('filler_number', models.CharField(blank=True, help_text='ORC-3 as first told', max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name='OrderVersion',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField()),
                ('is_current', models.BooleanField()),
                ('inbox_id', models.BigIntegerField(help_text='the latest order message that it follows')),
                ('control', models.CharField(blank=True, help_text='ORC-1; empty: a report made the version', max_length=10)),
                ('status', models.CharField(choices=[('requested', 'requested'), ('accepted', 'accepted'), ('on-hold', 'on hold'), ('reported', 'partly reported'), ('completed', 'completed'), ('cancelled', 'cancelled'), ('replaced', 'replaced')], max_length=10)),
                ('filler_number', models.CharField(blank=True, max_length=100)),
                ('group_number', models.CharField(blank=True, max_length=100)),
                ('service_code', models.CharField(blank=True, max_length=60)),
                ('service_system', models.CharField(blank=True, max_length=60)),
                ('service', models.CharField(blank=True, max_length=200)),
                ('specimen', models.CharField(blank=True, max_length=60)),
                ('priority', models.CharField(blank=True, max_length=20)),
                ('requester', models.CharField(blank=True, max_length=200)),
                ('diagnoses', models.JSONField(default=list, help_text='code, system and text of each')),
                ('requested_at', models.DateTimeField(blank=True, null=True)),
                ('wanted_at', models.DateTimeField(blank=True, null=True)),
                ('recorded_at', models.DateTimeField()),
            ],
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(fields=['placer_number'], name='results_report_placer'),
        ),
        migrations.AddField(
            model_name='order',
            name='facility',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='registry.facility'),
        ),
        migrations.AddField(
            model_name='order',
            name='patient_record',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='results.patientrecord'),
        ),
        migrations.AddField(
            model_name='orderversion',
            name='order',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='results.order'),
        ),
        migrations.AddField(
            model_name='orderversion',
            name='report',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='results.report'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['placer_number'], name='results_order_placer'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['source', 'filler_number'], name='results_order_filler'),
        ),
        migrations.AddIndex(
            model_name='orderversion',
            index=models.Index(fields=['inbox_id'], name='results_orderversion_message'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('filler_number', ''), ('placer_number', ''), _negated=True), name='results_order_numbered'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.UniqueConstraint(condition=models.Q(('placer_number', ''), _negated=True), fields=('source', 'placer_number'), name='results_order_once'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.UniqueConstraint(condition=models.Q(('placer_number', '')), fields=('source', 'filler_number'), name='results_order_once_by_filler'),
        ),
        migrations.AddConstraint(
            model_name='orderversion',
            constraint=models.UniqueConstraint(fields=('order', 'version'), name='results_orderversion_once'),
        ),
        migrations.AddConstraint(
            model_name='orderversion',
            constraint=models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('order',), name='results_orderversion_one_current'),
        ),
        migrations.AddConstraint(
            model_name='orderversion',
            constraint=models.CheckConstraint(condition=models.Q(('version__gte', 1)), name='results_orderversion_number'),
        ),
        migrations.AddConstraint(
            model_name='orderversion',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['requested', 'accepted', 'on-hold', 'reported', 'completed', 'cancelled', 'replaced'])), name='results_orderversion_status'),
        ),
    ]
