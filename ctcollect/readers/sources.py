"""Where the files of a static-ct log are: behind its monitoring url."""

from typing import Protocol

from ctcollect.client import Http, check_url


class Source(Protocol):
    """Files by their path, such as ``tile/0/000``. NotThere when there is none; other CtcollectErrors as of Http."""

    def get(self, path: str) -> bytes: ...


class HttpSource:
    """The files of a log at ``url``. ``deadline`` (monotonic) bounds every wait for a turn."""

    def __init__(self, url: str, http: Http, deadline: float) -> None:
        check_url(url, http.settings)
        self._base = url.rstrip("/") + "/"
        self._http = http
        self._deadline = deadline

    def get(self, path: str) -> bytes:
        return self._http.get_file(self._base + path, self._deadline)
