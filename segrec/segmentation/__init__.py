"Who: features, segments, profiles."

from segrec.segmentation.business import check_business_rules, read_business_rules
from segrec.segmentation.comparison import compare_segmentations, plot_streams, rerun
from segrec.segmentation.continuum import segment_continuum
from segrec.segmentation.features import (
    FEATURES,
    customer_features,
    describe_customers,
    feature_table,
    missing_features,
)
from segrec.segmentation.labels import read_labels, write_labels
from segrec.segmentation.matching import keep_names, match_segments
from segrec.segmentation.newcomers import assign_new_customers
from segrec.segmentation.profiles import name_segments, plot_profiles, plot_sizes, profile_segments, segment_effects
from segrec.segmentation.segmenter import Segmenter, plot_selection
from segrec.segmentation.stability import segment_stability

__all__ = [
    "FEATURES",
    "Segmenter",
    "assign_new_customers",
    "check_business_rules",
    "compare_segmentations",
    "customer_features",
    "describe_customers",
    "feature_table",
    "keep_names",
    "match_segments",
    "missing_features",
    "name_segments",
    "plot_profiles",
    "plot_selection",
    "plot_sizes",
    "plot_streams",
    "profile_segments",
    "read_business_rules",
    "read_labels",
    "rerun",
    "segment_continuum",
    "segment_effects",
    "segment_stability",
    "write_labels",
]
