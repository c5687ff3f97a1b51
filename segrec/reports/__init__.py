"Out: pages from notebooks, the strict runner, the index."

from segrec.reports.guides import guide_link, write_guides
from segrec.reports.history import keep_table, kept_table, last_run, run_numbers
from segrec.reports.index import write_index
from segrec.reports.page import MissingInputError, bullets, finish, paragraph, picture, table
from segrec.reports.runner import Outcome, ReportError, ReportLeftOut, report_names, run_all_reports, run_report

__all__ = [
    "MissingInputError",
    "Outcome",
    "ReportError",
    "ReportLeftOut",
    "bullets",
    "finish",
    "guide_link",
    "keep_table",
    "kept_table",
    "last_run",
    "paragraph",
    "picture",
    "report_names",
    "run_all_reports",
    "run_numbers",
    "run_report",
    "table",
    "write_guides",
    "write_index",
]
