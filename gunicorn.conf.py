"""What ``gunicorn 'webapp:create_app()'`` finds when it is started in this folder."""

from webapp.gunicorn_settings import graceful_timeout, post_worker_init, threads

__all__ = ["graceful_timeout", "post_worker_init", "threads"]
