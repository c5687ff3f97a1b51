"What: interactions, models, one model a segment, evaluation."

from segrec.recommendation.als import ALSRecommender, tune_als
from segrec.recommendation.baselines import (
    Explanation,
    PopularityRecommender,
    Recommender,
    RepeatPurchaseRecommender,
)
from segrec.recommendation.evaluation import (
    EvaluationBlock,
    block_days,
    compare_models,
    customer_metrics,
    evaluate,
    evaluate_models,
    plot_metric,
    split_by_time,
)
from segrec.recommendation.interactions import Interactions, build_interactions
from segrec.recommendation.segmented import SegmentedRecommender, candidate_models
from segrec.recommendation.signals import (
    DEFAULT_EVENT_WEIGHTS,
    SignalChoice,
    choose_signals,
    customer_weights,
    learn_event_weights,
)

__all__ = [
    "ALSRecommender",
    "DEFAULT_EVENT_WEIGHTS",
    "Explanation",
    "Interactions",
    "PopularityRecommender",
    "Recommender",
    "RepeatPurchaseRecommender",
    "SegmentedRecommender",
    "SignalChoice",
    "EvaluationBlock",
    "block_days",
    "build_interactions",
    "candidate_models",
    "choose_signals",
    "compare_models",
    "customer_metrics",
    "customer_weights",
    "evaluate",
    "evaluate_models",
    "learn_event_weights",
    "plot_metric",
    "split_by_time",
    "tune_als",
]
