"""/flower in front of a server that stands for Flower: who gets through, with what, and what else is said."""

import threading
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from ctcollect.errors import ConfigurationError
from ctcollect.settings import Settings
from tests.raw_server import RawServer, http_answer
from tests.services.processes import free_port, wait_until
from webapp import create_app
from webapp.flower import AT_A_TIME, flower_worker_url

LOGIN = ("admin", "s3cret: word")
DATABASE = "sqlite:////nowhere/ct.sqlite"
HOSTILE = 'alice@<script>/../"?#%2F\u202e'


def client_of(flower_url: str, password: str = LOGIN[1]) -> FlaskClient:
    settings = Settings(database_url=DATABASE, flower_url=flower_url, flower_password=password)
    return create_app(settings).test_client()


@pytest.fixture
def hold() -> threading.Event:
    """While it is not set, the path /flower/slow is not answered."""
    return threading.Event()


@pytest.fixture
def server(hold: threading.Event) -> Iterator[RawServer]:
    """Answers with the path, two cookies and a policy of its own; with a traceback below /flower/fails."""

    def answer(path: str) -> list[bytes]:
        if path == "/flower/slow":
            hold.wait(10)
        status = "500 Oh" if path == "/flower/fails" else "302 Found" if path == "/flower/away" else "200 OK"
        headers = ("Content-Type: text/html", "Set-Cookie: a=b", "Content-Security-Policy: default-src *")
        body = b"Traceback" if path == "/flower/fails" else path.encode()
        return http_answer(
            body,
            status,
            *headers,
            "Location: /flower/workers",
            "X-Secret: s3cret",
        )

    with RawServer(answer) as server:
        yield server
        hold.set()


@pytest.fixture
def client(server: RawServer) -> FlaskClient:
    return client_of(server.url.removesuffix("/log/"))


def test_it_asks_for_the_password_itself(client: FlaskClient, server: RawServer) -> None:
    """Without it, or with a wrong one, Flower hears nothing, not even of what it would show to everybody."""
    for path in ("/flower/", "/flower/metrics", "/flower/healthcheck", "/flower/static/js/flower.js"):
        for login in (None, ("admin", ""), ("admin", "wrong"), ("", LOGIN[1]), ("ädmin", LOGIN[1])):
            answer = client.get(path, auth=login)
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"] == 'Basic realm="Flower", charset="UTF-8"'
    assert server.requests == []


def test_what_goes_in_and_what_comes_out(client: FlaskClient, server: RawServer) -> None:
    """No cookie of anybody and no header that Flower need not see, either way; its pages have our policy."""
    client.set_cookie("a", "b")
    sent = {
        "X-Forwarded-For": "1.2.3.4",
        "Connection": "X",
        "Origin": "http://localhost",
        "Range": "a",
    }
    answer = client.get("/flower/worker/alice@host?limit=5&a=%22", auth=LOGIN, headers=sent)
    assert (answer.status_code, answer.text) == (200, "/flower/worker/alice@host?limit=5&a=%22")
    (head,) = server.requests
    names = {line.partition(":")[0].lower() for line in head.splitlines()[1:] if line}
    assert names == {"host", "accept-encoding", "user-agent", "authorization", "origin"}
    assert "Host: localhost\r\n" in head + "\r\n"
    assert {"Set-Cookie", "X-Secret"}.isdisjoint(answer.headers.keys())
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self' 'sha256-" in policy
    assert "frame-ancestors 'none'" in policy
    assert "style-src 'self';" in policy
    assert client.get("/flower/away", auth=LOGIN).headers["Location"] == "/flower/workers"
    assert client.head("/flower/", auth=LOGIN).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("tasks/datatable", 200),
        ("api/task/rate-limit/ctcollect.fetch.google", 200),
        ("api/worker/queue/cancel-consumer/alice@host", 200),
        ("api/worker/queue/cancel-consumer/coordinator@host", 403),
        ("api/worker/queue/cancel-consumer/%63oordinator@host", 403),
        ("api/worker/queue/add-consumer/alice@host", 403),
        ("api/worker/shutdown/alice@host", 403),
        ("api/worker/pool/grow/alice@host", 403),
        ("api/task/send-task/ctcollect.record", 403),
        ("api/task/async-apply/ctcollect.fetch.google", 403),
        ("api/task/revoke/1", 403),
        ("api/task/rate-limit/../send-task/ctcollect.record", 403),
        ("api/task/rate-limit/%2e%2e/send-task/ctcollect.record", 403),
    ],
)
def test_it_changes_only_what_it_may(client: FlaskClient, server: RawServer, path: str, status: int) -> None:
    """A rate and a queue taken away; all else is refused in a line, which Flower's page shows, and never sent."""
    answer = client.post(f"/flower/{path}", auth=LOGIN)
    assert answer.status_code == status
    assert len(server.requests) == (status == 200)
    assert status == 200 or (answer.mimetype, answer.text.count("\n")) == ("text/plain", 1)


def test_a_form_that_is_too_large(client: FlaskClient, server: RawServer) -> None:
    """413, without Flower."""
    answer = client.post("/flower/tasks/datatable", auth=LOGIN, data={"a": "x" * 70_000})
    assert (answer.status_code, server.requests) == (413, [])


def test_without_a_password_there_is_no_flower(server: RawServer) -> None:
    """404 with a page that says how to set one; workers have no link to it."""
    client = client_of(server.url.removesuffix("/log/"), password="")
    answer = client.get("/flower/", auth=("admin", ""))
    assert (answer.status_code, server.requests) == (404, [])
    assert "CTCOLLECT_FLOWER_PASSWORD" in answer.text
    with client.application.test_request_context():
        assert flower_worker_url("alice@host") == ""


def test_a_flower_that_is_away() -> None:
    """503 with a calm page that asks again, or a line for its own scripts; the database is not asked."""
    client = client_of(f"http://127.0.0.1:{free_port()}")
    page, line = client.get("/flower/workers", auth=LOGIN), client.get("/flower/api/workers", auth=LOGIN)
    assert (page.status_code, line.status_code) == (503, 503)
    assert page.headers["Retry-After"] == "5"
    assert "Flower does not answer" in page.text
    assert line.text.count("\n") == 1
    assert "Traceback" not in page.text


def test_a_flower_that_fails(client: FlaskClient) -> None:
    """502 with a page of our own: Flower's would show its code."""
    answer = client.get("/flower/fails", auth=LOGIN)
    assert (answer.status_code, "Traceback" in answer.text) == (502, False)
    assert "its log says why" in answer.text


def test_a_slow_flower_holds_few_threads(client: FlaskClient, server: RawServer, hold: threading.Event) -> None:
    """While as many wait for it as may, others are told at once to come again; afterwards it answers as before."""
    ask = client.application.test_client
    waiting = [threading.Thread(target=lambda: ask().get("/flower/slow", auth=LOGIN)) for _ in range(AT_A_TIME)]
    for thread in waiting:
        thread.start()
    wait_until(lambda: len(server.requests) == AT_A_TIME, "all that may wait do")
    answer = client.get("/flower/", auth=LOGIN)
    assert (answer.status_code, "Flower is busy" in answer.text) == (503, True)
    with client.get("/flower/static/js/flower.js", auth=LOGIN) as file:
        assert file.status_code == 200
    assert len(server.requests) == AT_A_TIME
    hold.set()
    for thread in waiting:
        thread.join()
    assert client.get("/flower/", auth=LOGIN).status_code == 200


def test_a_link_to_any_worker(client: FlaskClient) -> None:
    """Whatever a worker calls itself, its link stays one path of this site and reaches Flower as that name."""
    with client.application.test_request_context():
        assert flower_worker_url("alice@host-2") == "/flower/worker/alice@host-2"
        url = flower_worker_url(HOSTILE)
    assert url.isascii()
    assert not set(url) & set('<>"?#')
    assert url.count("/") == 3


@pytest.mark.parametrize(
    "wrong",
    [{"flower_password": "a,b"}, {"flower_password": "ä"}, {"flower_user": "a:b"}, {"flower_user": ""}]
    + [{"flower_url": url} for url in ("nonsense://host", "http://[", "flower:5555x")],
)
def test_settings_that_do_not_fit(wrong: dict[str, str]) -> None:
    """ConfigurationError that names the variable and does not show the password."""
    with pytest.raises(ConfigurationError, match="CTCOLLECT_FLOWER_") as error:
        create_app(Settings(**{"database_url": DATABASE, "flower_password": "s3cret"} | wrong))  # type: ignore[arg-type]
    assert "s3cret" not in str(error.value)
