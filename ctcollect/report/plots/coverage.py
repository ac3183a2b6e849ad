"""F1: validity by month, as dark as it was covered."""

import numpy as np
from matplotlib.figure import Figure

from ctcollect.report.exhibit import Exhibit
from ctcollect.report.labels import validity_label
from ctcollect.report.language import Language
from ctcollect.report.plots.style import new_axes

MOST_LABELS = 24


def draw_coverage(exhibit: Exhibit, say: Language) -> Figure:
    """One row a validity class, one column a month."""
    records = exhibit.records()
    classes = list(dict.fromkeys(each["validity_class"] for each in records))
    months = sorted({each["month"] for each in records})
    shares = np.zeros((len(classes), len(months)))
    for each in records:
        shares[classes.index(each["validity_class"]), months.index(each["month"])] = each["covered_share"]
    figure, axes = new_axes(3.2)
    image = axes.pcolormesh(shares, cmap="Blues", vmin=0, vmax=1, edgecolors="#cccccc", linewidth=0.4)
    axes.set_yticks([place + 0.5 for place in range(len(classes))], [validity_label(each, say) for each in classes])
    step = len(months) // MOST_LABELS + 1
    axes.set_xticks([place + 0.5 for place in range(0, len(months), step)], months[::step], rotation=60, ha="right")
    axes.set_xlabel(say("month of issue"))
    axes.grid(visible=False)
    figure.colorbar(image, label=say("covered share"), ax=axes, format="{x:.0%}")
    return figure
