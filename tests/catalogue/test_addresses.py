import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctcollect.catalogue import is_local_url


@pytest.mark.parametrize(
    "url",
    [
        "https://ct.googleapis.com/logs/us1/argon2024/",
        "HTTPS://CT.Cloudflare.com:443/logs/nimbus2026/",
        "https://8.8.8.8/log/",
        "https://[2606:4700::1111]/log/",
        "https://localhost.log.jp/",
    ],
)
def test_public_addresses_are_not_local(url: str) -> None:
    """https to a name or a global address of the public Internet may be fetched by anyone."""
    assert not is_local_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://ct.googleapis.com/logs/us1/argon2024/",
        "https://127.0.0.1:8443/log/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[fe80::1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://localhost/",
        "https://LOCALHOST./",
        "https://ct.localhost/",
        "https://printer.local/",
        "https://db.internal/",
        "https://log.test/",
        "https://intranet/",
    ],
)
def test_addresses_nearby_are_local(url: str) -> None:
    """http, private, loopback, link-local and multicast addresses and local names are for tests and demos."""
    assert is_local_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://127.0.0.1\\@log.jp/",
        "https://log.jp@127.0.0.1/",
        "https://127.0.0.1@log.jp/",
        "https://log.jp\t/",
        "https://[::1/",
        "https://log.jp:99999/",
        "https://127。0。0。1/",
        "https:/log.jp/",
        "ftp://log.jp/",
        "",
    ],
)
def test_disguised_or_broken_addresses_count_as_local(url: str) -> None:
    """What one parser may read as a public name and another as a machine nearby gets the careful answer."""
    assert is_local_url(url)


@given(st.text() | st.text().map("https://{}".format))
def test_any_text_gets_an_answer(url: str) -> None:
    """No text makes the check fail."""
    assert is_local_url(url) in (True, False)
