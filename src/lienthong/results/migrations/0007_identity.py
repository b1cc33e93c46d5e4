
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('results', '0006_inbox_and_result_indexes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='NameWord',
            fields=[
                ('word', models.CharField(max_length=100, primary_key=True, serialize=False)),
                ('records', models.BigIntegerField()),
            ],
        ),
        migrations.AddField(
            model_name='patientidentifier',
            name='standing',
            field=models.CharField(blank=True, choices=[('', 'as sent'), ('doubted', 'in doubt'), ('held', "another person's, to be decided"), ('foreign', "another person's")], db_default='', max_length=10),
        ),
        migrations.AddField(
            model_name='patientrecord',
            name='address',
            field=models.CharField(blank=True, db_default='', max_length=300),
        ),
        migrations.AddField(
            model_name='patientrecord',
            name='other_name',
            field=models.CharField(blank=True, db_default='', help_text='the name in another script', max_length=200),
        ),
        migrations.AddField(
            model_name='patientrecord',
            name='phone',
            field=models.CharField(blank=True, db_default='', max_length=40),
        ),
        migrations.CreateModel(
            name='MatchKey',
            fields=[
                ('pk', models.CompositePrimaryKey('key', 'record_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('key', models.BigIntegerField()),
                ('record', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='match_keys', db_constraint=False, db_index=False, to='results.patientrecord')),
            ],
        ),
        migrations.CreateModel(
            name='PersonMerge',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('reason', models.CharField(max_length=40)),
                ('why', models.TextField(blank=True)),
                ('inbox_id', models.BigIntegerField(blank=True, help_text='the message that asked for it', null=True)),
                ('merged_at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('undone_why', models.TextField(blank=True)),
                ('absorbed', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lost', to='results.person')),
                ('merged_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('survivor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='gained', to='results.person')),
                ('undone_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ClaimedNumber',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('system', models.CharField(max_length=60)),
                ('key', models.CharField(help_text='as compared: of an insurance card the last ten digits', max_length=100)),
                ('recorded_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(blank=True, null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='numbers', to='results.person')),
                ('merge', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='results.personmerge')),
            ],
        ),
        migrations.AddField(
            model_name='personlink',
            name='merge',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='results.personmerge'),
        ),
        migrations.CreateModel(
            name='PriorNumber',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('source', models.CharField(max_length=60)),
                ('local_system', models.CharField(blank=True, max_length=100)),
                ('local_id', models.CharField(max_length=100)),
                ('inbox_id', models.BigIntegerField(blank=True, null=True)),
                ('said_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(blank=True, null=True)),
                ('merge', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='results.personmerge')),
                ('record', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prior_numbers', to='results.patientrecord')),
            ],
        ),
        migrations.CreateModel(
            name='ReviewCase',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('claimed', models.JSONField(blank=True, help_text='what a message says, where no record may be written', null=True)),
                ('reason', models.CharField(choices=[('number', 'one number, two people'), ('local-number', "the sender's number came with someone else"), ('several', 'numbers of several people'), ('sender-merge', 'the sender joins two who differ'), ('likely', 'they look like one person')], max_length=20)),
                ('bits', models.FloatField(help_text='sum of the weights of agreement, log2')),
                ('fields', models.JSONField(default=list, help_text='field, level and bits')),
                ('is_holding', models.BooleanField(default=False, help_text='whether messages wait for the decision')),
                ('opened_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('open', 'open'), ('same', 'same person'), ('different', 'different people'), ('withdrawn', 'settled elsewhere')], default='open', max_length=10)),
                ('other', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='results.patientrecord')),
                ('record', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='results.patientrecord')),
            ],
        ),
        migrations.CreateModel(
            name='HeldForReview',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('inbox_id', models.BigIntegerField()),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='held', to='results.reviewcase')),
            ],
        ),
        migrations.CreateModel(
            name='ReviewDecision',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('decision', models.CharField(choices=[('open', 'open'), ('same', 'same person'), ('different', 'different people'), ('withdrawn', 'settled elsewhere')], max_length=10)),
                ('why', models.TextField(blank=True)),
                ('decided_at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='results.reviewcase')),
                ('merge', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='results.personmerge')),
            ],
        ),
        migrations.AddConstraint(
            model_name='personmerge',
            constraint=models.CheckConstraint(condition=models.Q(('survivor', models.F('absorbed')), _negated=True), name='results_personmerge_two'),
        ),
        migrations.AddConstraint(
            model_name='personmerge',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('undone_at', None), ('undone_by', None)), models.Q(('undone_at__isnull', False), ('undone_by__isnull', False)), _connector='OR'), name='results_personmerge_undone'),
        ),
        migrations.AddConstraint(
            model_name='claimednumber',
            constraint=models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('system', 'key'), name='results_claimednumber_one_person'),
        ),
        migrations.AddConstraint(
            model_name='priornumber',
            constraint=models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('source', 'local_system', 'local_id'), name='results_priornumber_one_record'),
        ),
        migrations.AddIndex(
            model_name='reviewcase',
            index=models.Index(fields=['state', 'opened_at'], name='results_reviewcase_list'),
        ),
        migrations.AddIndex(
            model_name='reviewcase',
            index=models.Index(fields=['other'], name='results_reviewcase_other'),
        ),
        migrations.AddConstraint(
            model_name='reviewcase',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('record', 'other'), name='results_reviewcase_once_open'),
        ),
        migrations.AddConstraint(
            model_name='reviewcase',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('claimed__isnull', False), ('other', None)), models.Q(('claimed', None), ('other__isnull', False), ('record__lt', models.F('other'))), _connector='OR'), name='results_reviewcase_pair'),
        ),
        migrations.AddConstraint(
            model_name='heldforreview',
            constraint=models.UniqueConstraint(fields=('case', 'inbox_id'), name='results_heldforreview_once'),
        ),
    ]
