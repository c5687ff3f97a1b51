"What every room builds on: errors that teach, intervals, safe text, whole files, one look for pictures."

from segrec.core.errors import bad_value, check_choice, check_fraction, check_integer, require_extra
from segrec.core.files import place_folder, to_json, write_atomically
from segrec.core.intervals import (
    Difference,
    Interval,
    bootstrap_means,
    mean_interval,
    paired_difference,
    paired_differences,
)
from segrec.core.plots import PALETTE, figure_png, plot_style
from segrec.core.store import DamagedModelError, ModelStore, NoModelError, StoredModel
from segrec.core.text import for_html, for_plot, shorten
from segrec.core.threads import one_blas_thread, one_thread

__all__ = [
    "PALETTE",
    "DamagedModelError",
    "Difference",
    "Interval",
    "ModelStore",
    "NoModelError",
    "StoredModel",
    "bad_value",
    "bootstrap_means",
    "check_choice",
    "check_fraction",
    "check_integer",
    "figure_png",
    "for_html",
    "for_plot",
    "mean_interval",
    "one_blas_thread",
    "one_thread",
    "paired_difference",
    "paired_differences",
    "plot_style",
    "place_folder",
    "require_extra",
    "shorten",
    "to_json",
    "write_atomically",
]
