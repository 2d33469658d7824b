"""When each list was last compared, findings within the tracker itself, and long lists on their way out."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import mobilisation.models.record


class Migration(migrations.Migration):
    dependencies = [("mobilisation", "0003_condition_evidence_by"), ("transfers", "0012_the_day"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.AddField("comparedlist", "compared_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="last compared with the tracker")),
        migrations.AlterField(
            "listfinding", "source",
            models.CharField(choices=[("council", "Council's case system"), ("exiting", "Exiting provider's list"), ("billing", "Finance or billing list"), ("tracker", "The tracker itself")], max_length=8),
        ),
        migrations.CreateModel(
            name="PeopleExport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=mobilisation.models.record.new_public_id, editable=False, max_length=12, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("file_format", models.CharField(choices=[("xlsx", "Excel workbook (XLSX), with lists to choose from; it can be brought back"), ("csv", "Comma-separated text (CSV)")], max_length=4)),
                ("reason", models.CharField(max_length=300)),
                ("people", models.JSONField(default=list)),
                ("count", models.PositiveIntegerField(default=0)),
                ("stored_name", models.CharField(blank=True, max_length=100)),
                ("kept_until", models.DateTimeField(blank=True, null=True)),
                ("created_by", models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("job", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="mobilisation.job")),
                ("owner", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("programme", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="people_exports", to="mobilisation.programme")),
                ("updated_by", models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={"ordering": ["-id"]},
        ),
    ]
