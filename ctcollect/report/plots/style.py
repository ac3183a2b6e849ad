"""How every figure looks, and how it becomes a file that is the same for the same data."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib_fontja import get_font_ttf_path

WIDTH_INCHES = 9.0
PNG_DPI = 144
# Okabe and Ito's colours, told apart by colour-blind people too; black is for "all".
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f", "#8c510a", "#4d4d9f", "#b2182b")
STYLE: Any = {
    "svg.hashsalt": "ctcollect",
    "svg.fonttype": "path",  # letters as outlines: no font is needed where the page is read
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e3e3e3",
    "axes.titlesize": 10,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "axes.unicode_minus": False,
    "text.parse_math": False,
}


@cache
def _japanese_font() -> str:
    """The name of the font with Japanese letters, made known to matplotlib."""
    path = get_font_ttf_path()
    font_manager.fontManager.addfont(path)
    return font_manager.FontProperties(fname=path).get_name()


@contextmanager
def drawing(language: str) -> Iterator[None]:
    """Our style and no other, whatever a user's own matplotlibrc says; a letter without a glyph is an error."""
    fonts = ["DejaVu Sans", _japanese_font()]
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        mpl.rcParams["font.family"] = fonts if language == "en" else fonts[::-1]
        warnings.filterwarnings("error", message="Glyph .* missing from font")
        yield


def new_figure(height_inches: float) -> Figure:
    return Figure(figsize=(WIDTH_INCHES, height_inches), layout="constrained")


def new_axes(height_inches: float = 4.2) -> tuple[Figure, Axes]:
    """A figure with one pair of axes."""
    figure = new_figure(height_inches)
    return figure, figure.add_subplot()


def colour(place: int) -> str:
    return COLOURS[place % len(COLOURS)]


def sign(figure: Figure, line: str) -> None:
    """The line below the figure: n, coverage, time zone, date of the data."""
    figure.supxlabel(line, fontsize=8, color="#555555", x=0.01, ha="left")


def to_svg(figure: Figure) -> bytes:
    """The same octets each time: no date, ids that follow from the content."""
    file = BytesIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return file.getvalue()


def to_png(figure: Figure) -> bytes:
    file = BytesIO()
    figure.savefig(file, format="png", dpi=PNG_DPI, metadata={"Software": None})
    return file.getvalue()
