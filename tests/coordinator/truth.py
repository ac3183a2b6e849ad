"""What must be true of the tables and files after a log was collected, by the truth about its content."""

from collections import Counter
from pathlib import Path

import orjson
import zstandard
from pybase64 import b64decode
from sqlalchemy import func, select

from ctcollect.local_log import LocalLog
from ctcollect.models import CertificateNameRow, CertificateRow, DailyCountRow, MalformedRow, SightingRow
from tests.coordinator.pipeline import Pipeline


def jp_truth(log: LocalLog) -> dict[int, tuple[str, ...]]:
    """Leaf index -> .jp names of every entry that must become a sighting."""
    return {index: truth.jp_names for index, truth in enumerate(log.truth) if truth.jp_names}


def malformed_truth(log: LocalLog) -> dict[int, bytes]:
    """Leaf index -> leaf_input of the entries that nobody can read and that may be for .jp."""
    leaves = {index: log.entries[index].leaf_input for index, truth in enumerate(log.truth) if not truth.readable}
    return {index: leaf for index, leaf in leaves.items() if b".jp" in leaf}


def holds_the_truth(pipeline: Pipeline, log: LocalLog) -> None:
    """Sightings, their names and the malformed entries are those of the truth."""
    with pipeline.store.reading() as session:
        names: dict[int, list[str]] = {}
        joined = select(SightingRow.leaf_index, CertificateNameRow.name).join(
            CertificateNameRow, CertificateNameRow.certificate_id == SightingRow.certificate_id
        )
        for index, name in session.execute(joined):
            names.setdefault(index, []).append(name)
        malformed = {row.leaf_index: row.leaf for row in session.scalars(select(MalformedRow))}
    assert {index: tuple(sorted(each)) for index, each in names.items()} == jp_truth(log)
    assert malformed == malformed_truth(log) != {}


def counts_agree(pipeline: Pipeline, log: LocalLog) -> None:
    """Counters stand for rows: on the log, by day, in the status document."""
    truth = [each for each in log.truth if each.jp_names]
    row, totals = pipeline.log(log.name), pipeline.status()["totals"]
    with pipeline.store.reading() as session:
        rows = {
            table: session.scalar(select(func.count()).select_from(table))
            for table in (SightingRow, CertificateRow, MalformedRow)
        }
        forms = Counter(session.execute(select(CertificateRow.is_precert_seen, CertificateRow.is_final_seen)).all())
        day = session.scalars(select(DailyCountRow)).all()
    assert row.entries_done == row.entries_verified == totals["wanted"] == row.tree_size == len(log.entries)
    assert sum(each.entries for each in day) == len(log.entries)
    assert row.sightings == rows[SightingRow] == sum(each.uploaded for each in day) == len(truth)
    issuances: dict[str, set[int]] = {}
    for each in truth:
        issuances.setdefault(each.issuance, set()).add(each.entry_type)
    assert row.certificates == rows[CertificateRow] == sum(each.registered for each in day) == len(issuances)
    assert forms == Counter((1 in types, 0 in types) for types in issuances.values())
    assert row.malformed == rows[MalformedRow] == totals["malformed"]


def leaf_files_hold_the_sightings(pipeline: Pipeline, log: LocalLog) -> None:
    """Every sighting's entry stands in its leaf file, byte by byte as the log has it, and nothing else does."""
    folder = pipeline.context.settings.data_dir / "leaves"
    with pipeline.store.reading() as session:
        sighted = {(row.leaf_file, row.leaf_index, row.friend) for row in session.scalars(select(SightingRow))}
    found = {
        (path.relative_to(folder).as_posix(), index, friend)
        for path in folder.rglob("*.zst")
        for index, friend in lines_of(path, log)
    }
    assert found == sighted
    assert {path for path in folder.rglob("*") if path.is_file()} == {folder / name for name, *_ in sighted}


def lines_of(path: Path, log: LocalLog) -> list[tuple[int, str]]:
    """(index, friend) of a leaf file's lines; each entry must be the log's, byte by byte."""
    lines = [orjson.loads(line) for line in zstandard.decompress(path.read_bytes()).splitlines()]
    for line in lines:
        entry = log.entries[line["index"]]
        assert b64decode(line["leaf_input"]) == entry.leaf_input
        assert b64decode(line["extra_data"]) == entry.extra_data
        assert line["log_name"] == log.name
    return [(line["index"], line["friend"]) for line in lines]
