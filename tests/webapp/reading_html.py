"""Reads a page's HTML as a person would: figures by their labels, tables row by row, under the id of their section."""

from html.parser import HTMLParser

VOID = {"meta", "link", "br", "input", "img", "wbr"}
CELLS = ("td", "th")


class Page(HTMLParser):
    """One parsed page. Every element must be closed where it should be."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.title = ""
        self.visible_text = ""
        self.bars: list[str] = []
        self.links: list[str] = []
        self._open: list[tuple[str, str | None]] = []
        self._figures: dict[str | None, list[tuple[str, str]]] = {}
        self._rows: dict[str | None, list[list[str]]] = {}
        self.feed(html)
        self.close()
        assert not self._open, f"not closed: {self._open}"

    def values(self, section: str) -> dict[str, str]:
        """The figures in the section of this id, by their labels."""
        return {label.strip(): value.strip() for label, value in self._figures.get(section, [])}

    def rows(self, section: str) -> list[list[str]]:
        """The texts of the cells of the table's body in the section of this id."""
        return [[" ".join(cell.split()) for cell in row] for row in self._rows.get(section, [])]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        attrs = dict(attributes)
        if tag not in VOID:
            self._open.append((tag, attrs.get("id")))
        self._note(tag, attrs)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._note(tag, dict(attributes))

    def _note(self, tag: str, attrs: dict[str, str | None]) -> None:
        section = self._section()
        if tag == "svg" and attrs.get("class") == "bar":
            self.bars.append(attrs["aria-label"] or "")
        elif tag == "a":
            self.links.append(attrs.get("href") or "")
        elif tag == "tr" and self._is_in("tbody"):
            self._rows.setdefault(section, []).append([])
        elif tag in CELLS and self._is_in("tbody"):
            self._rows[section][-1].append("")
        elif tag == "dt":
            self._figures.setdefault(section, []).append(("", ""))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag, f"</{tag}> at {self.getpos()} closes another element"

    def handle_data(self, data: str) -> None:
        if self._is_in("title") and not self._is_in("svg"):
            self.title += data
        elif not self._is_in("script") and not self._is_in("svg"):
            self.visible_text += data
            self._add_text(data)

    def _add_text(self, data: str) -> None:
        section = self._section()
        if self._is_in("tbody") and any(self._is_in(cell) for cell in CELLS):
            self._rows[section][-1][-1] += data
        elif self._is_in("dt") or self._is_in("dd"):
            label, value = self._figures[section][-1]
            self._figures[section][-1] = (label + data, value) if self._is_in("dt") else (label, value + data)

    def _is_in(self, tag: str) -> bool:
        return any(name == tag for name, _ in self._open)

    def _section(self) -> str | None:
        return next((id_ for name, id_ in reversed(self._open) if name == "section"), None)
