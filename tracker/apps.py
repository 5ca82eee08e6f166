from django.apps import AppConfig


class TrackerConfig(AppConfig):
    """The one app: its tables are one connected domain (docs/adr/0001)."""

    name = "tracker"
    label = "tracker"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Technology Leadership Tracker"

    def ready(self) -> None:
        from tracker.history import guard

        guard.install()
