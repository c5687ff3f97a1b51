"When: divergences, monitor, retraining policy, feedback loop."

from segrec.drift.calendar_notes import window_notes, year_before
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
from segrec.drift.feedback_loop import (
    feedback_uplift,
    plot_feedback,
    replay_feedback,
    run_feedback_loop,
    weekly_feedback,
)
from segrec.drift.joint import JointShift, joint_shift
from segrec.drift.many_tests import adjust_families, simes
from segrec.drift.monitor import DriftCheck, DriftMonitor
from segrec.drift.pictures import courses, plot_courses, plot_shifts
from segrec.drift.policy import RetrainingPolicy
from segrec.drift.retraining import challenge, judge_challenger, read_decisions, retrain
from segrec.drift.shifts import Shift, distribution_shift, location_shift
from segrec.drift.windows import (
    Window,
    customer_window,
    item_window,
    popular_items,
    recommendation_signals,
    shop_windows,
    signal_window,
    split_reference,
)

__all__ = [
    "GUIDES",
    "Divergence",
    "DriftCheck",
    "DriftMonitor",
    "JointShift",
    "RetrainingPolicy",
    "Shift",
    "Window",
    "adjust_families",
    "challenge",
    "chi_squared",
    "courses",
    "customer_window",
    "distribution_shift",
    "divergence_table",
    "feedback_uplift",
    "item_window",
    "jensen_shannon",
    "joint_shift",
    "judge_challenger",
    "kl_divergence",
    "kolmogorov_smirnov",
    "location_shift",
    "plot_courses",
    "plot_feedback",
    "plot_shifts",
    "popular_items",
    "population_stability_index",
    "read_decisions",
    "recommendation_signals",
    "replay_feedback",
    "retrain",
    "run_feedback_loop",
    "shop_windows",
    "signal_window",
    "simes",
    "split_reference",
    "wasserstein",
    "weekly_feedback",
    "window_notes",
    "year_before",
]
