from tracker.celery import app as celery_app

# Loaded with Django, so that tasks send their messages by this application.
__all__ = ("celery_app",)
