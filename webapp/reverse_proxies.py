"""The page behind a server with TLS: its own address begins with what that server was asked for."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from ctcollect.settings import Settings


def trust_reverse_proxies(app: Flask, settings: Settings) -> None:
    """Believe X-Forwarded-Proto of as many servers as are said to stand in front, and of nobody when none does.

    The host is the one in the header Host, which these servers hand on.
    """
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=0, x_proto=settings.reverse_proxies)  # type: ignore[method-assign]
