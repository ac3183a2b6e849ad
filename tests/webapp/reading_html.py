"""Reads the dashboard's HTML as a person would: what is shown, where, under which name."""

from html.parser import HTMLParser

VOID = {"meta", "link", "br"}


class Page(HTMLParser):
    """One parsed page; what stands in a template or under ``hidden`` is not seen."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.title = ""
        self.visible_text = ""
        self.progress: list[dict[str, str]] = []
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self._fields: list[tuple[str, str, str]] = []
        self._rows: dict[str, list[list[str]]] = {"logs": [], "workers": []}
        self.feed(html)
        self.close()

    def values(self, record: str) -> dict[str, str]:
        """The fields of the elements with this data-record, of several with one name the last."""
        return {field: text for owner, field, text in self._fields if owner == record}

    def rows(self, body: str) -> list[list[str]]:
        """The texts of the fields, row by row, of the table body with this id."""
        return self._rows[body]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        attrs = dict(attributes)
        if tag not in VOID:
            self._open.append((tag, attrs))
        if not self._is_seen():
            return
        if tag == "progress":
            self.progress.append({name: attrs[name] or "" for name in ("aria-label", "value", "max")})
        elif tag == "tr" and (body := self._body()):
            self._rows[body].append([])
        elif "data-field" in attrs:
            self._begin_field(attrs["data-field"] or "")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag, f"</{tag}> at {self.getpos()} closes another element"

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] == "title":
            self.title += data
        elif self._is_seen():
            self.visible_text += data
            if self._open and "data-field" in self._open[-1][1]:
                self._add_text(data)

    def _is_seen(self) -> bool:
        return not any(tag in ("template", "script") or "hidden" in attrs for tag, attrs in self._open)

    def _body(self) -> str | None:
        return next((attrs.get("id") for tag, attrs in self._open if tag == "tbody"), None)

    def _begin_field(self, field: str) -> None:
        if body := self._body():
            self._rows[body][-1].append("")
        else:
            owners = [attrs["data-record"] or "" for _, attrs in self._open if "data-record" in attrs]
            self._fields.append((owners[-1], field, ""))

    def _add_text(self, data: str) -> None:
        if body := self._body():
            self._rows[body][-1][-1] += data
        else:
            owner, field, text = self._fields[-1]
            self._fields[-1] = (owner, field, text + data)
