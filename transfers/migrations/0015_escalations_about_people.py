"""Whom an escalation of the register is about; a self-funder may decline the safety check."""

import django.db.models.deletion
import mobilisation.models.record
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('risks', '0003_escalations_by_the_hour'),
        ('transfers', '0014_choice_and_payment'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PersonEscalation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=mobilisation.models.record.new_public_id, editable=False, max_length=12, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('trigger', models.CharField(choices=[('no_first_visit', 'Past the transfer date without a first visit'), ('missed_visit_with_harm', 'A missed visit did harm'), ('safety_check_overdue', 'The safety check after the move is overdue')], max_length=30, verbose_name='what set it off')),
                ('since', models.DateField()),
                ('settled_on', models.DateField(blank=True, null=True)),
                ('created_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('issue', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='risks.issue')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='transfers.persontransfer')),
                ('updated_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('settled_on__isnull', True), ('trigger__in', ('no_first_visit', 'safety_check_overdue'))), fields=('person', 'trigger'), name='one_open_escalation')],
            },
        ),
        migrations.AlterField(
            model_name='safetycheck',
            name='outcome',
            field=models.CharField(choices=[('safe', 'Safe'), ('concern', 'Concern'), ('unable_to_contact', 'Unable to contact'), ('confirmed_by_other_body', 'Confirmed by the responsible body'), ('declined', 'Offered, and declined by the self-funder')], max_length=24),
        ),
    ]
