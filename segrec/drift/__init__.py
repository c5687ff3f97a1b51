"When: divergences, monitor, retraining policy, feedback loop."

from segrec.drift.divergences import (
    Divergence,
    chi_squared,
    divergence_table,
    jensen_shannon,
    kl_divergence,
    kolmogorov_smirnov,
    population_stability_index,
    wasserstein,
)
from segrec.drift.evidence import GUIDES
from segrec.drift.joint import JointShift, joint_shift
from segrec.drift.many_tests import adjust_families, simes
from segrec.drift.monitor import DriftCheck, DriftMonitor
from segrec.drift.pictures import courses, plot_courses, plot_shifts
from segrec.drift.shifts import Shift, distribution_shift, location_shift
from segrec.drift.windows import (
    Window,
    customer_window,
    item_window,
    popular_items,
    recommendation_signals,
    shop_windows,
    signal_window,
)

__all__ = [
    "GUIDES",
    "Divergence",
    "DriftCheck",
    "DriftMonitor",
    "JointShift",
    "Shift",
    "Window",
    "adjust_families",
    "chi_squared",
    "courses",
    "customer_window",
    "distribution_shift",
    "divergence_table",
    "item_window",
    "jensen_shannon",
    "joint_shift",
    "kl_divergence",
    "kolmogorov_smirnov",
    "location_shift",
    "plot_courses",
    "plot_shifts",
    "popular_items",
    "population_stability_index",
    "recommendation_signals",
    "shop_windows",
    "signal_window",
    "simes",
    "wasserstein",
]
