"""Hours are confirmed from staff a provider has; what the leads say of the map of zones."""

import django.db.models.deletion
import mobilisation.models.record
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('mobilisation', '0004_action_due_time'),
        ('transfers', '0020_lists_of_many'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='MappingRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=mobilisation.models.record.new_public_id, editable=False, max_length=12, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('kind', models.CharField(choices=[('recommendation', 'Recommendation'), ('protocol', 'Purchasing protocol'), ('tool', 'Allocation tool'), ('matrix', 'MSOA matrix')], max_length=16)),
                ('on', models.DateField()),
                ('text', models.TextField(max_length=2000)),
                ('by_label', models.CharField(max_length=150, verbose_name='by')),
            ],
            options={
                'ordering': ['-on', '-id'],
            },
        ),
        migrations.AddField(
            model_name='providercapacity',
            name='confirmed_by',
            field=models.CharField(blank=True, max_length=100, verbose_name='confirmed by'),
        ),
        migrations.AddField(
            model_name='providercapacity',
            name='confirmed_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='providercapacity',
            name='staffing',
            field=models.CharField(blank=True, max_length=200, verbose_name='staffing the hours rest on'),
        ),
        migrations.AddConstraint(
            model_name='providercapacity',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('confirmed_by', ''), ('confirmed_on__isnull', True), ('staffing', '')), models.Q(('confirmed_on__isnull', False), models.Q(('confirmed_by', ''), _negated=True), models.Q(('staffing', ''), _negated=True)), _connector='OR'), name='capacity_confirmed_whole'),
        ),
        migrations.AddField(
            model_name='mappingrecord',
            name='created_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='mappingrecord',
            name='programme',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mapping_records', to='mobilisation.programme'),
        ),
        migrations.AddField(
            model_name='mappingrecord',
            name='updated_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='mappingrecord',
            index=models.Index(fields=['programme', 'kind', '-on', '-id'], name='mapping_newest'),
        ),
    ]
