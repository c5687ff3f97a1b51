"In: what an event log is, reading and checking it, sample shops, the engine it runs on."

from segrec.data.dataset import Dataset
from segrec.data.limits import Limits
from segrec.data.layout import Layout
from segrec.data.orders import purchase_lines
from segrec.data.rules import Rule
from segrec.data.schema import CUSTOMER_COLUMNS, EVENT_COLUMNS, EVENT_TYPES, ITEM_COLUMNS
from segrec.data.simulate import simulate_shop
from segrec.data.sources import SAMPLES, read_dataset, recognise

__all__ = [
    "CUSTOMER_COLUMNS",
    "EVENT_COLUMNS",
    "EVENT_TYPES",
    "ITEM_COLUMNS",
    "SAMPLES",
    "Dataset",
    "Layout",
    "Limits",
    "Rule",
    "purchase_lines",
    "read_dataset",
    "recognise",
    "simulate_shop",
]
