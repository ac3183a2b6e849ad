"""Pictures of the page with the data of a real demo run, for the documents.

    python -m benchmarks.screenshots [--entries N]

Writes docs/images/*.png. Needs the same Chromium as the tests.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import requests

from tests.browser import DESK, PHONE, chromium, visit
from tests.services.processes import Process, free_port, wait_until

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
LONGEST_SECONDS = 600
DOMAIN_PATH = "/certificates?domain=jp&match=below"
# File, address, size, light or dark.
PICTURES = (
    ("overview", "/", DESK, "light"),
    ("overview-dark-phone", "/", PHONE, "dark"),
    ("log", "/logs/demo-google", DESK, "light"),
    ("friends", "/friends?period=all", DESK, "dark"),
    ("certificates", DOMAIN_PATH, DESK, "light"),
)


def is_verified(address: str) -> bool:
    """Whether the demo has collected and verified everything."""
    try:
        totals = requests.get(f"{address}/api/v1/totals", timeout=5).json()
    except (requests.RequestException, ValueError):
        return False
    return bool(totals.get("verified", 0) == totals.get("wanted") and totals.get("wanted"))


def take(address: str) -> None:
    """Each of PICTURES, of what fits into the window."""
    IMAGES.mkdir(exist_ok=True)
    with chromium() as browser:
        for name, path, size, scheme in PICTURES:
            with visit(browser, address + path, size, scheme) as seen:
                seen.page.screenshot(path=IMAGES / f"{name}.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=20_000)
    arguments = parser.parse_args()
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="ctcollect-screenshots-") as folder:
        command = [sys.executable, "-m", "ctcollect", "demo", "--entries", str(arguments.entries), "--port", str(port)]
        demo = Process([*command, "--dir", folder], Path(folder) / "demo.log", {}, ROOT)
        try:
            wait_until(lambda: is_verified(f"http://127.0.0.1:{port}"), "the demo is verified", LONGEST_SECONDS)
            take(f"http://127.0.0.1:{port}")
        finally:
            demo.terminate()


if __name__ == "__main__":
    main()
