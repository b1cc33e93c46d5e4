import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('exchange', '0003_source_protocol'),
        ('iqc', '0001_start'),
        ('registry', '0001_start'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ControlMapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(blank=True, null=True)),
                ('recorded_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(blank=True, null=True)),
                ('material', models.CharField(max_length=100)),
                ('lot', models.CharField(blank=True, max_length=60)),
                ('level', models.CharField(blank=True, max_length=40)),
                ('proposed_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='HeldControl',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('inbox_id', models.BigIntegerField()),
                ('position', models.CharField(max_length=20)),
                ('material', models.CharField(max_length=100)),
                ('lot', models.CharField(blank=True, max_length=60)),
                ('level', models.CharField(blank=True, max_length=40)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('asked_on', models.DateField()),
                ('held_at', models.DateTimeField()),
                ('released_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name='controlmapping',
            name='confirmed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='controlmapping',
            name='control_lot',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='iqc.controllot'),
        ),
        migrations.AddField(
            model_name='controlmapping',
            name='proposed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='controlmapping',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='control_mappings', to='exchange.source'),
        ),
        migrations.AddField(
            model_name='heldcontrol',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='held_controls', to='exchange.source'),
        ),
        migrations.AddConstraint(
            model_name='controlmapping',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to', None), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='exchange_controlmapping_period'),
        ),
        migrations.AddConstraint(
            model_name='controlmapping',
            constraint=models.CheckConstraint(condition=models.Q(('superseded_at', None), ('superseded_at__gte', models.F('recorded_at')), _connector='OR'), name='exchange_controlmapping_recorded'),
        ),
        migrations.AddConstraint(
            model_name='controlmapping',
            constraint=models.CheckConstraint(condition=models.Q(('confirmed_by', None), models.Q(('confirmed_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='exchange_controlmapping_second_person'),
        ),
        migrations.AddConstraint(
            model_name='controlmapping',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), _connector='OR'), name='exchange_controlmapping_confirmed'),
        ),
        migrations.AddConstraint(
            model_name='controlmapping',
            constraint=models.UniqueConstraint(condition=models.Q(('confirmed_at__isnull', False), ('superseded_at', None), ('valid_to', None)), fields=('source', 'material', 'lot', 'level'), name='exchange_controlmapping_one_in_force'),
        ),
        migrations.AddConstraint(
            model_name='controlmapping',
            constraint=models.UniqueConstraint(condition=models.Q(('confirmed_at', None), ('superseded_at', None)), fields=('source', 'material', 'lot', 'level'), name='exchange_controlmapping_one_proposed'),
        ),
        migrations.AddIndex(
            model_name='heldcontrol',
            index=models.Index(condition=models.Q(('released_at', None)), fields=['source'], name='exchange_heldcontrol_waiting'),
        ),
        migrations.AddConstraint(
            model_name='heldcontrol',
            constraint=models.UniqueConstraint(fields=('inbox_id', 'position'), name='exchange_heldcontrol_once'),
        ),
    ]
