"""Flower and /metrics as `ctcollect up` starts them: one address, a password, nothing secret, nothing that harms."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import orjson
import pytest
import requests
from playwright.sync_api import Browser, HttpCredentials, Page
from prometheus_client.parser import text_string_to_metric_families

from tests.browser import Visit
from tests.services.processes import Process, ProcessGroup, free_port, wait_until
from tests.services.programs import find_program
from tests.services.redis import RedisServer

DASHBOARD = Path(__file__).parents[2] / "docs" / "grafana.json"
BROKER_PASSWORD, FLOWER_PASSWORD = "b-s3cret-word", "f-s3cret-word"
LOGIN = ("admin", FLOWER_PASSWORD)
START_SECONDS = 60
TABS = ("pool", "broker", "queues", "tasks", "limits", "config", "system", "other")


class Site:
    """The address of a running `ctcollect up`."""

    def __init__(self, port: int, process: Process) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.process = process

    def get(self, path: str, **options: object) -> requests.Response:
        return requests.get(self.url + path, auth=LOGIN, timeout=10, allow_redirects=False, **options)  # type: ignore[arg-type]

    def workers(self) -> list[str]:
        """Those that Flower has heard of; none while it starts."""
        answer = self.get("/flower/workers?json=1")
        return [worker["hostname"] for worker in answer.json()["data"]] if answer.ok else []


@pytest.fixture(scope="module")
def broker_with_password(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        with server.client() as client:
            rules = ["on", f">{BROKER_PASSWORD}", "~*", "&*", "+@all"]
            client.execute_command("ACL", "SETUSER", "coordinator", *rules)
        yield server.url.replace("://", f"://coordinator:{BROKER_PASSWORD}@")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, broker_with_password: str) -> Iterator[Site]:
    """Everything on this machine, alice's worker too."""
    folder, port = tmp_path_factory.mktemp("up"), free_port()
    variables = {
        "CTCOLLECT_BROKER_URL": broker_with_password,
        "CTCOLLECT_DATABASE_URL": f"sqlite:///{folder}/ct.sqlite",
        "CTCOLLECT_DATA_DIR": str(folder / "data"),
        "CTCOLLECT_FLOWER_PASSWORD": FLOWER_PASSWORD,
    }
    with ProcessGroup(folder) as group:
        options = ["up", "--port", str(port), "--friend", "alice", "--queues", "google"]
        process = group.start([find_program("ctcollect"), *options], variables, folder)
        process.wait_for_line("The page is at", START_SECONDS)
        found = Site(port, process)
        process.wait_until(lambda: _answers(found), "the page", START_SECONDS)
        process.wait_until(lambda: len(found.workers()) == 2, "two workers at Flower", START_SECONDS)
        yield found


def _answers(site: Site) -> bool:
    try:
        return site.get("/healthz").ok
    except requests.ConnectionError:
        return False


@pytest.fixture
def page(site: Site, browser: Browser) -> Iterator[Page]:
    """A page of a browser that knows the password; a fault on its console or a request to elsewhere fails the test."""
    login: HttpCredentials = {"username": LOGIN[0], "password": LOGIN[1]}
    with browser.new_context(http_credentials=login) as context:
        visit = Visit(context.new_page(), urlsplit(site.url).netloc)
        visit.watch()
        yield visit.page
    assert (visit.complaints, visit.strangers) == ([], [])


def test_flower_asks_for_a_password(site: Site) -> None:
    """401 below /flower, also for its metrics and files; with the password its pages and metrics are there."""
    for path in ("/flower/", "/flower/workers", "/flower/metrics", "/flower/api/workers", "/flower/static/favicon.ico"):
        assert requests.get(site.url + path, timeout=10).status_code == 401
        assert site.get(path).status_code == 200
    assert site.get("/flower").headers["Location"] == "/flower/"
    assert {name.partition("@")[0] for name in site.workers()} == {"alice", "coordinator"}


def test_its_pages_work_in_a_browser(site: Site, page: Page) -> None:
    """From the list to alice's worker, each tab of it, tasks and broker; a rate is set by its form."""
    page.goto(f"{site.url}/flower")
    page.get_by_role("link", name=re.compile("alice@")).click()
    page.locator("#worker-tab-limits").click()
    row = page.locator("#limits-table tr", has_text="ctcollect.fetch.google")
    row.locator("input").first.fill("7")
    row.locator("button").first.click()
    page.get_by_text("new rate limit set successfully").wait_for()
    for tab in TABS:
        page.locator(f"#worker-tab-{tab}").click()
        page.locator(f"#tab-{tab}.active").wait_for()
    for name in ("Tasks", "Broker", "Workers"):
        page.get_by_role("link", name=name, exact=True).click()
        page.wait_for_url(f"{site.url}/flower/{name.lower()}")
    links = [urljoin(page.url, link.get_attribute("href") or "") for link in page.get_by_role("link").all()]
    assert all(link.startswith(f"{site.url}/flower/") for link in links if link.startswith(site.url))


def test_nothing_secret_is_shown(site: Site) -> None:
    """Neither password on any page of Flower, nor in what it has asked the workers, nor on a command line."""
    alice = next(name for name in site.workers() if name.startswith("alice@"))
    paths = ["workers", "workers?json=1", "broker", "tasks", f"worker/{alice}", "api/workers?refresh=1", "api/tasks"]
    shown = {path: site.get(f"/flower/{path}").text for path in [*paths, "api/queues/length", "metrics", "nowhere"]}
    shown |= {str(file): file.read_bytes().decode(errors="replace") for file in Path("/proc").glob("[0-9]*/cmdline")}
    assert "redis://coordinator:**@" in shown["broker"]
    for where, text in shown.items():
        assert BROKER_PASSWORD not in text, where
        assert FLOWER_PASSWORD not in text, where


def test_no_worker_can_be_ended_from_there(site: Site) -> None:
    """What Flower's other buttons ask for is refused with a line; the worker is as it was."""
    alice = next(name for name in site.workers() if name.startswith("alice@"))
    for action in ("shutdown", "pool/grow", "pool/restart", "queue/add-consumer"):
        answer = requests.post(f"{site.url}/flower/api/worker/{action}/{alice}", auth=LOGIN, timeout=10)
        assert (answer.status_code, answer.text.count("\n")) == (403, 1)
    assert alice in site.get("/flower/api/workers?refresh=1").json()
    assert site.process.returncode is None


def test_both_metrics_can_be_read(site: Site) -> None:
    """By Prometheus' parser; what the dashboard asks of Flower is there."""
    own = {family.name for family in text_string_to_metric_families(site.get("/metrics").text)}
    assert {"ctcollect_up", "ctcollect_worker_running"} <= own
    flowers = {family.name for family in text_string_to_metric_families(site.get("/flower/metrics").text)}
    asked = set(re.findall(r"\bflower_\w+", orjson.dumps(orjson.loads(DASHBOARD.read_bytes())).decode()))
    assert asked
    assert asked <= flowers


def test_all_of_it_ends_in_time(site: Site) -> None:
    """SIGTERM, as Ctrl+C: Flower too is gone, and its port is closed."""
    assert site.process.terminate(15) == 0
    wait_until(lambda: not _answers(site), "the page is gone")
