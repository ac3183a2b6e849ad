"""The page's own address behind servers with TLS."""

from dataclasses import replace

import pytest

from ctcollect.settings import Settings
from ctcollect.store import Store
from tests.webapp.whole_collection import add_whole_collection
from webapp import create_app


@pytest.fixture
def settings(sqlite_url: str) -> Settings:
    """What a page says does not depend on the database: one is enough."""
    return Settings(database_url=sqlite_url)


@pytest.mark.parametrize(
    ("proxies", "said", "scheme"),
    [
        (0, "https", "http"),
        (1, "https", "https"),
        (1, "http, https", "https"),
        (2, "https, http", "https"),
        (2, "https", "http"),
    ],
    ids=["nobody is believed", "one", "one, and a visitor's claim", "two", "a claim without the second"],
)
def test_the_address_to_share_has_the_scheme_of_the_outermost_server(
    store: Store, settings: Settings, proxies: int, said: str, scheme: str
) -> None:
    """Of X-Forwarded-Proto as many entries count as there are servers; the host stays that of Host, whatever else is
    said to be it."""
    add_whole_collection(store, "argon2024", "alice")
    client = create_app(replace(settings, reverse_proxies=proxies)).test_client()
    headers = {"Host": "ct.example.org", "X-Forwarded-Proto": said, "X-Forwarded-Host": "evil.example"}
    text = client.get("/friends/alice", headers=headers).text
    assert f'<meta property="og:url" content="{scheme}://ct.example.org/friends/alice">' in text
    assert "evil.example" not in text
