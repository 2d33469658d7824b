from django.apps import AppConfig


class RisksConfig(AppConfig):
    name = "risks"
    verbose_name = "Risks, issues and opportunities"

    def ready(self) -> None:
        from risks import registrations

        registrations.register()
