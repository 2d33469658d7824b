"""Whether somebody is in hospital was asked, why a power is used, when staff leave, and the weekly assurance of the leads."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import mobilisation.models.record


class Migration(migrations.Migration):
    dependencies = [("mobilisation", "0004_action_due_time"), ("transfers", "0018_no_offer_batches"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.AddField("persontransfer", "hospital_asked_on", models.DateField(blank=True, null=True, verbose_name="known not to be in hospital on")),
        migrations.AddField("persontransfer", "legal_basis_reason", models.CharField(blank=True, default="", max_length=300, verbose_name="why under Care Act s.19(3)"), preserve_default=False),
        migrations.AddField("stafftransfer", "left_on", models.DateField(blank=True, null=True, verbose_name="left, or leaves, before the transfer on")),
        migrations.CreateModel(
            "Assurance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=mobilisation.models.record.new_public_id, editable=False, max_length=12, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("role", models.CharField(choices=[("OL", "Lead operational manager (OL)"), ("CL", "Lead commissioning manager (CL)")], max_length=2)),
                ("week_ending", models.DateField(verbose_name="week ending on Sunday")),
                ("sound", models.BooleanField(verbose_name="communications and transfers are in order")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="what is not in order, and what is done about it")),
                ("figures", models.JSONField(blank=True, default=dict, editable=False)),
                ("by_label", models.CharField(blank=True, max_length=150, verbose_name="by")),
                ("created_by", models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("programme", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="assurances", to="mobilisation.programme")),
                ("updated_by", models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={"ordering": ["-week_ending", "role"], "constraints": [models.UniqueConstraint(fields=["programme", "role", "week_ending"], name="one_assurance_a_lead_a_week")]},
        ),
    ]
