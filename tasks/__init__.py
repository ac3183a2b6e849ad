"""The Celery tasks: about ten lines each, no logic. Arguments are ids, numbers and JSON; twice is harmless."""
