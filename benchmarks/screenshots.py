"""Pictures of the pages, for the documents: of a made-up season, and of a real demo run.

    python -m benchmarks.screenshots [--entries N] [--out FOLDER] [--only TEXT]

Writes docs/images/*.png. Needs the same Chromium as the tests, and the extra `analysis` for the demo's report and for
a Japanese font.
"""

import argparse
import io
import logging
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import matplotlib_fontja
import requests
from PIL import Image
from playwright.sync_api import Browser

from benchmarks.made_season import add_season
from ctcollect.settings import Settings
from ctcollect.store import Store, schema
from tests.browser import DESK, PHONE, chromium, visit
from tests.services.processes import Process, free_port
from tests.webapp.conftest import served
from webapp import create_app
from webapp.database import STORE
from webapp.listeners import listeners_of

ROOT = Path(__file__).parents[1]
LONGEST_SECONDS = 600
LISTENERS = 20
SEASON, DEMO = "season", "demo"
COLOURS = 256
TALL = {"width": 1440, "height": 1180}
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include><dir>{folder}</dir></fontconfig>"""


class Picture(NamedTuple):
    """A page of one of the two collections, in a window of a size; ``path`` may name places of ``_places()``."""

    name: str
    of: str
    path: str
    size: Mapping[str, int] = DESK
    scheme: str = "light"
    locale: str = "en-GB"


PICTURES = (
    Picture("overview", SEASON, "/", TALL),
    Picture("overview-dark-phone", SEASON, "/", PHONE, "dark"),
    Picture("overview-ja", SEASON, "/", DESK, locale="ja-JP"),
    Picture("logs", SEASON, "/logs", DESK),
    Picture("log", SEASON, "/logs/xenon2025h2", TALL, "dark"),
    Picture("friends", SEASON, "/friends", DESK),
    Picture("friend-phone", SEASON, "/friends/sakura", PHONE),
    Picture("certificates", DEMO, "/certificates?domain=jp&match=below", DESK),
    Picture("domain", DEMO, "/domains/{domain}?match=below", DESK, "dark"),
    Picture("certificate", DEMO, "/certificates/{number}", DESK),
    Picture("reports", DEMO, "/reports", DESK),
    Picture("report", DEMO, "/reports/{report}/", DESK),
)


def is_verified(address: str) -> bool:
    """Whether the demo has collected and verified everything, and has made its report."""
    try:
        totals = requests.get(f"{address}/api/v1/totals", timeout=5).json()
        has_report = 'id="newest"' in requests.get(f"{address}/reports", timeout=5).text
    except (requests.RequestException, ValueError):
        return False
    return bool(has_report and totals.get("verified", 0) == totals.get("wanted") and totals.get("wanted"))


@contextmanager
def season(folder: Path) -> Iterator[str]:
    """Where a made-up collection is served."""
    settings = Settings(database_url=f"sqlite:///{folder}/season.sqlite", data_dir=folder)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = create_app(settings)
    listeners_of(app).open(LISTENERS)
    store: Store = app.extensions[STORE]
    schema.upgrade(store)
    add_season(store)
    with served(app) as address:
        yield address
    store.close()


@contextmanager
def demo(folder: Path, entries: int) -> Iterator[str]:
    """Where a demo is served that has come to its end."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "ctcollect", "demo", "--entries", str(entries), "--port", str(port)]
    process = Process([*command, "--dir", str(folder / "demo")], folder / "demo.log", {}, ROOT)
    try:
        process.wait_until(lambda: is_verified(address), "the demo is verified", LONGEST_SECONDS)
        yield address
    finally:
        process.terminate()


def _places(address: str) -> dict[str, object]:
    """A domain of the demo with many certificates and a gap, one certificate, and the report's name."""
    found = requests.get(f"{address}/api/v1/certificates?domain=jp&limit=1000", timeout=60).json()
    domains = Counter(
        each["san_names"][0].removeprefix("*.").removeprefix("www.") for each in found if each["san_names"]
    )
    report = re.findall(r'href="/reports/([^/"]+)/"', requests.get(f"{address}/reports", timeout=5).text)[0]
    names = [name for name, _ in domains.most_common(40)]
    return {
        "domain": next((name for name in names if _has_gap(address, name)), names[0]),
        "number": found[0]["id"],
        "report": report,
    }


def _has_gap(address: str, domain: str) -> bool:
    timeline = requests.get(f"{address}/api/v1/domains/{domain}?match=below", timeout=60).json()
    return bool(timeline["gaps"] and timeline["overlaps"])


@contextmanager
def japanese_font() -> Iterator[None]:
    """Let programs that are started meanwhile find a font with Japanese letters, beside those of the system."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write(FONTS.format(folder=Path(matplotlib_fontja.__file__).parent / "fonts"))
        file.flush()
        before = os.environ.get("FONTCONFIG_FILE")
        os.environ["FONTCONFIG_FILE"] = file.name
        try:
            yield
        finally:
            os.environ.pop("FONTCONFIG_FILE")
            if before is not None:
                os.environ["FONTCONFIG_FILE"] = before


def take(browser: Browser, picture: Picture, url: str, out: Path) -> None:
    """What fits into the window, with few colours, so that the file is small."""
    with visit(browser, url, dict(picture.size), picture.scheme, picture.locale) as seen:
        image = Image.open(io.BytesIO(seen.page.screenshot()))
    path = out / f"{picture.name}.png"
    image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=20_000)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--only", default="", help="pictures with this in their name")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    wanted = [picture for picture in PICTURES if arguments.only in picture.name]
    with tempfile.TemporaryDirectory(prefix="ctcollect-screenshots-") as name, ExitStack() as stack:
        folder = Path(name)
        stack.enter_context(japanese_font())
        browser = stack.enter_context(chromium())
        addresses, places = {}, {}
        if any(picture.of == DEMO for picture in wanted):
            addresses[DEMO] = stack.enter_context(demo(folder, arguments.entries))
            places = _places(addresses[DEMO])
        addresses[SEASON] = stack.enter_context(season(folder))
        for picture in wanted:
            take(browser, picture, addresses[picture.of] + picture.path.format(**places), arguments.out)


if __name__ == "__main__":
    main()
