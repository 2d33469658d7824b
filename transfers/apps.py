from django.apps import AppConfig


class TransfersConfig(AppConfig):
    name = "transfers"
    verbose_name = "People and staff transferring"

    def ready(self) -> None:
        from transfers import registrations

        registrations.register()
