"""Facts of the programme go up the ladder by themselves; an incident has the issue of what is to be done about it."""

import django.db.models.deletion
import mobilisation.models.record
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('mobilisation', '0005_letters_perhaps_sent'),
        ('risks', '0003_escalations_by_the_hour'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='incident',
            name='issue',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='incident', to='risks.issue'),
        ),
        migrations.CreateModel(
            name='StandingFact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=mobilisation.models.record.new_public_id, editable=False, max_length=12, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('trigger', models.CharField(choices=[('critical_milestone_red', 'Critical milestone red'), ('programme_red_twice', 'Programme red twice'), ('programme_red_thrice', 'Programme red thrice'), ('staffing_fails', 'Staffing fails')], max_length=30, verbose_name='what set it off')),
                ('subject', models.CharField(max_length=40)),
                ('since', models.DateField()),
                ('settled_on', models.DateField(blank=True, null=True)),
                ('created_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('issue', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='risks.issue')),
                ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='mobilisation.programme')),
                ('updated_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('settled_on__isnull', True)), fields=('programme', 'trigger', 'subject'), name='one_standing_fact')],
            },
        ),
    ]
