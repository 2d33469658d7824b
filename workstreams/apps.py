from django.apps import AppConfig


class WorkstreamsConfig(AppConfig):
    name = "workstreams"
    verbose_name = "Plan and readiness"

    def ready(self) -> None:
        from workstreams import registrations

        registrations.register()
