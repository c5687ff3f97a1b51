"What is wrong: one diagnosis, and one guide a symptom."

from segrec.troubleshooting.copied_rows import copies_a_day, without_copies
from segrec.troubleshooting.diagnosis import diagnose, find_faults, what_is_missing
from segrec.troubleshooting.findings import CAUSES, Finding, findings_frame, plot_finding
from segrec.troubleshooting.future import moment_of, without_backdated
from segrec.troubleshooting.homogeneity import asked_for, halves_of_segments, split_segments, told_apart
from segrec.troubleshooting.log_faults import daily_counts, empty_days, lost_spans, open_days, overlap_counts
from segrec.troubleshooting.mixed_currencies import price_multiples
from segrec.troubleshooting.noise import noise_features, strongest_links
from segrec.troubleshooting.remedies import explained_behaviour, plot_remedies, remedy_effects
from segrec.troubleshooting.supply import customer_supply

__all__ = [
    "CAUSES",
    "Finding",
    "asked_for",
    "copies_a_day",
    "customer_supply",
    "daily_counts",
    "diagnose",
    "empty_days",
    "explained_behaviour",
    "find_faults",
    "findings_frame",
    "halves_of_segments",
    "lost_spans",
    "moment_of",
    "noise_features",
    "open_days",
    "overlap_counts",
    "plot_finding",
    "plot_remedies",
    "price_multiples",
    "remedy_effects",
    "split_segments",
    "strongest_links",
    "told_apart",
    "what_is_missing",
    "without_backdated",
    "without_copies",
]
