from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('exchange', '0002_book_change'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='source',
            name='exchange_source_once',
        ),
        migrations.AddField(
            model_name='source',
            name='control_specimens',
            field=models.CharField(blank=True, db_default='', help_text='specimen numbers of controls, such as QC* CTRL-*', max_length=200),
        ),
        migrations.AddField(
            model_name='source',
            name='listening_port',
            field=models.PositiveIntegerField(blank=True, help_text='which an analyser calls', null=True),
        ),
        migrations.AddField(
            model_name='source',
            name='peer_address',
            field=models.GenericIPAddressField(blank=True, help_text='from which an analyser calls', null=True),
        ),
        migrations.AddField(
            model_name='source',
            name='protocol',
            field=models.CharField(choices=[('hl7v2', 'HL7 v2'), ('astm', 'ASTM (LIS2-A2)')], db_default='hl7v2', default='hl7v2', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='source',
            constraint=models.UniqueConstraint(condition=models.Q(('protocol', 'hl7v2')), fields=('sending_application', 'sending_facility'), name='exchange_source_once'),
        ),
        migrations.AddConstraint(
            model_name='source',
            constraint=models.UniqueConstraint(condition=models.Q(('protocol', 'astm')), fields=('sending_application', 'peer_address', 'listening_port'), name='exchange_source_analyzer_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='source',
            constraint=models.CheckConstraint(condition=models.Q(('protocol', 'hl7v2'), models.Q(('sending_application', ''), _negated=True), ('peer_address__isnull', False), ('listening_port__isnull', False), _connector='OR'), name='exchange_source_analyzer_known'),
        ),
    ]
