"Who: features, segments, profiles."

from segrec.segmentation.attributes import customer_attributes
from segrec.segmentation.business import check_business_rules, read_business_rules
from segrec.segmentation.comparison import compare_segmentations, plot_streams, rerun
from segrec.segmentation.continuum import Found, find_segments, parts_of_cut, segment_continuum
from segrec.segmentation.features import (
    FEATURES,
    customer_features,
    describe_customers,
    feature_table,
    missing_features,
)
from segrec.segmentation.labels import read_labels, write_labels
from segrec.segmentation.matching import carry_names, keep_names, match_segments
from segrec.segmentation.newcomers import assign_new_customers
from segrec.segmentation.portraits import leading_features, plot_radar, plot_snake
from segrec.segmentation.profiles import name_segments, plot_profiles, plot_sizes, profile_segments, segment_effects
from segrec.segmentation.segmenter import Segmenter, plot_selection
from segrec.segmentation.stability import segment_stability, stability_warning
from segrec.segmentation.customer_value import GammaGamma, customer_lifetime_value, independence_check
from segrec.segmentation.deep import deep_gain
from segrec.segmentation.explanations import LowFidelityError, explain_customer, explain_segments, plot_explanation
from segrec.segmentation.hierarchical import plot_tree
from segrec.segmentation.high_value import customer_ranking, future_value_capture, high_value_customers, plot_capture
from segrec.segmentation.lifetime import BetaGeometricNBD, ParetoNBD, purchase_history
from segrec.segmentation.rfm import plot_rfm, rfm_groups, rfm_scores, score_features

__all__ = [
    "GammaGamma",
    "customer_lifetime_value",
    "independence_check",
    "deep_gain",
    "LowFidelityError",
    "explain_customer",
    "explain_segments",
    "plot_explanation",
    "customer_ranking",
    "future_value_capture",
    "high_value_customers",
    "plot_capture",
    "BetaGeometricNBD",
    "ParetoNBD",
    "purchase_history",
    "plot_rfm",
    "rfm_groups",
    "rfm_scores",
    "score_features",
    "FEATURES",
    "Found",
    "Segmenter",
    "assign_new_customers",
    "carry_names",
    "check_business_rules",
    "compare_segmentations",
    "customer_attributes",
    "customer_features",
    "describe_customers",
    "feature_table",
    "find_segments",
    "keep_names",
    "leading_features",
    "match_segments",
    "missing_features",
    "name_segments",
    "parts_of_cut",
    "plot_profiles",
    "plot_radar",
    "plot_selection",
    "plot_sizes",
    "plot_snake",
    "plot_streams",
    "plot_tree",
    "profile_segments",
    "read_business_rules",
    "read_labels",
    "rerun",
    "segment_continuum",
    "segment_effects",
    "segment_stability",
    "stability_warning",
    "write_labels",
]
