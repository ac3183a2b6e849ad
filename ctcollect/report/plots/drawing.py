"""From an exhibit to its picture."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from matplotlib.figure import Figure

from ctcollect.report.exhibit import Exhibit
from ctcollect.report.language import Language
from ctcollect.report.plots.comparisons import draw_load, draw_naive
from ctcollect.report.plots.coverage import draw_coverage
from ctcollect.report.plots.days import draw_automated_shares, draw_hours, draw_new_year, draw_seasons
from ctcollect.report.plots.distributions import draw_elapsed, draw_intervals, draw_survival, draw_validity
from ctcollect.report.plots.histograms import draw_dispersion, draw_index
from ctcollect.report.plots.style import drawing, new_figure, sign, to_png, to_svg

DRAWN: Mapping[str, Callable[[Exhibit, Language], Figure]] = {
    "N1": draw_naive,
    "F1": draw_coverage,
    "F2": draw_validity,
    "F3": draw_intervals,
    "F4": draw_elapsed,
    "F5": draw_dispersion,
    "F6": draw_survival,
    "F7": draw_seasons,
    "F8": draw_automated_shares,
    "F9": draw_index,
    "F10": draw_hours,
    "F11": draw_load,
    "F12": draw_new_year,
}
LETTERS_A_LINE = {"en": 95, "ja": 52}


class Picture(NamedTuple):
    svg: bytes
    png: bytes


def picture(exhibit: Exhibit, say: Language, signature: str) -> Picture:
    """A figure with its title above and the signature below; where nothing can be shown, the sentence that says so."""
    with drawing(say.code):
        figure = _words(exhibit.missing, say) if exhibit.missing else DRAWN[exhibit.id](exhibit, say)
        figure.suptitle(f"{exhibit.id}  {exhibit.title}", x=0.01, ha="left", fontsize=12)
        sign(figure, signature)
        svg = to_svg(figure)
        figure.set_layout_engine("none")  # it is laid out now, and that takes half of the time
        return Picture(svg, to_png(figure))


def _words(sentence: str, say: Language) -> Figure:
    """Lines are cut by letters: Japanese has no spaces to cut at."""
    figure = new_figure(1.6)
    words, lines = (sentence.split(" ") if say.code == "en" else list(sentence)), [""]
    joint = " " if say.code == "en" else ""
    for word in words:
        longer = (lines[-1] + joint + word).strip()
        if len(longer) <= LETTERS_A_LINE[say.code]:
            lines[-1] = longer
        else:
            lines.append(word)
    figure.text(0.01, 0.5, "\n".join(lines), ha="left", va="center")
    return figure
