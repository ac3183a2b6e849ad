"""One start for many examples: each goes on from a copy of the same database."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ctcollect.store import Store
from tests.coordinator.pipeline import Pipeline


@dataclass(repr=False)
class Start:
    """A pipeline on SQLite whose store is closed; a copy has a data folder of its own, empty unless ``with_data``."""

    pipeline: Pipeline
    folder: Path
    with_data: bool = False
    count: int = 0

    @contextmanager
    def copy(self) -> Iterator[Pipeline]:
        self.count += 1
        folder = self.folder / str(self.count)
        folder.mkdir()
        shutil.copy(str(self.pipeline.store.url.database), folder / "ct.sqlite")
        before = self.pipeline.context.settings
        if self.with_data:
            shutil.copytree(before.data_dir, folder / "data")
        options = replace(before, database_url=f"sqlite:///{folder}/ct.sqlite", data_dir=folder / "data")
        store = Store(options.database_url)
        yield replace(self.pipeline, context=replace(self.pipeline.context, store=store, settings=options))
        store.close()
        shutil.rmtree(folder)
