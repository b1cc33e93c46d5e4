"""Files and pointers beside reports, and the DICOM objects of their studies."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0003_imaging_services'),
        ('results', '0016_resource_of_result'),
    ]

    operations = [
        migrations.CreateModel(
            name='ImagingObject',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('source', models.CharField(max_length=60)),
                ('kind', models.CharField(choices=[('image', 'image'), ('selection', 'selection of key images')], max_length=10)),
                ('sop_class_uid', models.CharField(max_length=64)),
                ('sop_instance_uid', models.CharField(max_length=64)),
                ('series_uid', models.CharField(max_length=64)),
                ('study_uid', models.CharField(max_length=64)),
                ('modality', models.CharField(blank=True, max_length=16)),
                ('accession_number', models.CharField(blank=True, max_length=64)),
                ('patient_id', models.CharField(blank=True, help_text='(0010,0020) as sent', max_length=100)),
                ('birth_date', models.DateField(blank=True, help_text='(0010,0030) as sent', null=True)),
                ('title', models.CharField(blank=True, help_text='of a selection why, of an image its series', max_length=200)),
                ('description', models.TextField(blank=True)),
                ('selected', models.JSONField(default=list, help_text='of a selection, the instances that it names')),
                ('is_burned_in', models.BooleanField(blank=True, help_text='(0028,0301); null: not told', null=True)),
                ('taken_at', models.DateTimeField(blank=True, null=True)),
                ('digest', models.CharField(help_text='SHA-256 of the file', max_length=64)),
                ('size', models.BigIntegerField(help_text='bytes')),
                ('received_at', models.DateTimeField()),
                ('tied_at', models.DateTimeField(blank=True, null=True)),
                ('waits_for', models.CharField(blank=True, choices=[('no-report', 'No report of this order or study has come yet'), ('no-number', 'The image names neither order nor patient'), ('other-patient', 'The report of this order is for a patient of another number or birth date'), ('several-reports', 'Several reports agree with it')], max_length=20)),
                ('facility', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.facility')),
                ('report', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='imaging_objects', to='results.report')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('report', None)), fields=['facility', 'accession_number'], name='results_imagingobject_waiting')],
                'constraints': [models.UniqueConstraint(fields=('source', 'sop_instance_uid'), name='results_imagingobject_once'), models.CheckConstraint(condition=models.Q(models.Q(('report', None), ('tied_at', None), models.Q(('waits_for', ''), _negated=True)), models.Q(('report__isnull', False), ('tied_at__isnull', False), ('waits_for', '')), _connector='OR'), name='results_imagingobject_tied_or_waits')],
            },
        ),
        migrations.CreateModel(
            name='ReportDocument',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('inbox_id', models.BigIntegerField()),
                ('key', models.CharField(help_text='digest of code, system and sub-id', max_length=64)),
                ('place', models.CharField(help_text='OBX(3)', max_length=40)),
                ('title', models.CharField(blank=True, max_length=200)),
                ('kind', models.CharField(choices=[('file', 'file'), ('pointer', 'pointer to a file elsewhere'), ('study', 'number of the study'), ('text', 'text of the report')], max_length=10)),
                ('media_type', models.CharField(blank=True, help_text='by the bytes themselves', max_length=60)),
                ('size', models.PositiveIntegerField(default=0, help_text='bytes')),
                ('digest', models.CharField(blank=True, help_text='SHA-256 of the content', max_length=64)),
                ('pointer', models.TextField(blank=True, help_text='as sent')),
                ('study_uid', models.CharField(blank=True, max_length=64)),
                ('is_withdrawn', models.BooleanField(default=False)),
                ('recorded_at', models.DateTimeField()),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='results.report')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('study_uid', ''), _negated=True), fields=['study_uid'], name='results_reportdocument_study')],
                'constraints': [models.UniqueConstraint(fields=('report', 'key', 'inbox_id', 'place'), name='results_reportdocument_once')],
            },
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["facility", "number"], name="results_report_number"),
        ),
    ]
