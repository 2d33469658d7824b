from django.apps import AppConfig


class MobilisationConfig(AppConfig):
    name = "mobilisation"
    verbose_name = "Mobilisation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from mobilisation import registrations

        registrations.register()
