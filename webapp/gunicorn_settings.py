"""What the page's server is started with: ``gunicorn -c python:webapp.gunicorn_settings 'webapp:create_app()'``.

Threads, because who listens to live updates holds one; gunicorn's own default is one request at a time.
"""

from gunicorn.workers.base import Worker

from webapp.listeners import listeners_of

threads = 40
# What listeners leave to all others.
THREADS_FOR_ANSWERS = 8
# So long the end waits for answers under way, and for listeners whose connection is dead.
graceful_timeout = 3


def post_worker_init(worker: Worker) -> None:
    """Let listeners in, and send them away as soon as the worker was told to end."""
    limit = worker.cfg.threads - THREADS_FOR_ANSWERS
    listeners_of(worker.wsgi).open(max(limit, 0), is_ending=lambda: not worker.alive)
