"What is wrong: one diagnosis, and one guide a symptom."

from segrec.troubleshooting.diagnosis import diagnose, find_faults
from segrec.troubleshooting.findings import CAUSES, Finding, findings_frame, plot_finding
from segrec.troubleshooting.future import moment_of, without_backdated
from segrec.troubleshooting.homogeneity import asked_for, halves_of_segments, split_segments, told_apart
from segrec.troubleshooting.log_faults import daily_counts, lost_spans, overlap_counts, without_copies
from segrec.troubleshooting.noise import noise_features, strongest_links
from segrec.troubleshooting.remedies import explained_behaviour, plot_remedies, remedy_effects
from segrec.troubleshooting.supply import customer_supply

__all__ = [
    "CAUSES",
    "Finding",
    "asked_for",
    "customer_supply",
    "daily_counts",
    "diagnose",
    "explained_behaviour",
    "find_faults",
    "findings_frame",
    "halves_of_segments",
    "lost_spans",
    "moment_of",
    "noise_features",
    "overlap_counts",
    "plot_finding",
    "plot_remedies",
    "remedy_effects",
    "split_segments",
    "strongest_links",
    "told_apart",
    "without_backdated",
    "without_copies",
]
