import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('results', '0009_inbox_training'),
    ]

    operations = [
        migrations.CreateModel(
            name='HeldForOrder',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('inbox_id', models.BigIntegerField(db_index=True)),
                ('facility_id', models.BigIntegerField()),
                ('waits_for', models.CharField(max_length=200)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('waits_for', 'facility_id', 'inbox_id'), name='results_heldfororder_once')],
            },
        ),
        migrations.CreateModel(
            name='OrderSpecimen',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=100)),
                ('named_at', models.DateTimeField(help_text='collection (SPM-17), else request of the order, else receipt')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='specimens', to='results.order')),
            ],
            options={
                'indexes': [models.Index(fields=['number'], name='results_orderspecimen_find')],
                'constraints': [models.UniqueConstraint(fields=('order', 'number'), name='results_orderspecimen_once')],
            },
        ),
    ]
