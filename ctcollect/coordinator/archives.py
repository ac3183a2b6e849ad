"""Archives of logs: known logs, or new ones, that are to be read from zip files."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ctcollect.catalogue import ARCHIVES, Log, is_log_url, operator_of, subrange_entries_for
from ctcollect.catalogue.log import TILE_ENTRIES
from ctcollect.catalogue.log_entry import read_log
from ctcollect.client import Http, check_url
from ctcollect.errors import BadAnswer, ConfigurationError, LogUnavailable, MalformedEntry
from ctcollect.host_gates import gate_for
from ctcollect.pace import Gates
from ctcollect.protocol.signatures import verify_tree_head
from ctcollect.protocol.static_ct import origin_of
from ctcollect.readers import Place, Shared, open_reader
from ctcollect.readers.archive import Archive, archive_at, log_file
from ctcollect.readers.zip_part import Asker
from ctcollect.settings import Settings
from ctcollect.store import Session, Store
from ctcollect.store.logs import FROM_LIST, known_logs, put_logs

LOOK_SECONDS = 300.0


def import_archive(store: Store, settings: Settings, sources: Sequence[str]) -> tuple[str, Log]:
    """Make the log of an archive known, or a known log one that is read from there. Returns its name as well.

    ``sources`` is one url, or local zip files and folders of one log. ConfigurationError, in a line, when there is no
    archive whose checkpoint the log has signed.
    """
    location = _location(sources, settings)
    gate_url = location if "://" in location else "https://localhost/"
    http = Http(settings, gate_for(Gates(), gate_url, ARCHIVES, settings))
    asker = Asker(http, time.monotonic() + LOOK_SECONDS)
    try:
        archive = archive_at(location, asker)
        found = _described(archive, asker)
        with store.reading() as session:
            log = _archived(known_logs(session).get(found.log_id, found), found, location)
        _check_head(log, asker)
    except (BadAnswer, LogUnavailable, MalformedEntry) as error:
        raise ConfigurationError(f"{' '.join(sources)} is no archive that can be read: {error}") from None
    finally:
        http.close()
    with store.transaction() as session:
        return _put(session, log), log


def _location(sources: Sequence[str], settings: Settings) -> str:
    """As logs.archive holds it: a url, or paths, one a line."""
    urls = [each for each in sources if "://" in each]
    if not urls:
        return "\n".join(str(Path(each).expanduser().resolve()) for each in sources)
    if len(sources) > 1 or not is_log_url(urls[0]):
        raise ConfigurationError("name one plain http or https address: that of the folder with the zip files")
    check_url(urls[0], settings)
    folder = urls[0].rpartition("/")[0] if urls[0].endswith(".zip") else urls[0].rstrip("/")
    return folder + "/"


def _described(archive: Archive, asker: Asker) -> Log:
    """The log as ``log.v3.json`` has it: an entry of a log list without operator and state."""
    part = archive.part(None)
    try:
        entry = dict(log_file(part, asker))
    finally:
        part.close()
    if "submission_url" in entry:
        entry["url"] = entry["submission_url"]
    return read_log(entry, operator_of(ARCHIVES).name, ARCHIVES, "rfc6962")


def _archived(known: Log, found: Log, location: str) -> Log:
    operator = operator_of(ARCHIVES)
    return replace(
        known,
        kind="archive",
        queue=ARCHIVES,
        submission_url=found.url,
        archive=location,
        batch_entries=TILE_ENTRIES,
        subrange_entries=subrange_entries_for(TILE_ENTRIES, operator.requests_per_second_ceiling),
    )


def _check_head(log: Log, asker: Asker) -> None:
    origin = origin_of(log.submission_url or log.url)
    place = Place(log.kind, log.url, bytes.fromhex(log.log_id), origin, log.archive or "")
    shared = Shared()
    try:
        verify_tree_head(open_reader(place, asker.http, asker.deadline, shared).tree_head(), log.key)
    finally:
        shared.archives.close()


def _put(session: Session, log: Log) -> str:
    (name,) = put_logs(session, [log], (*FROM_LIST, "archive", "batch_entries", "subrange_entries"))
    return name
