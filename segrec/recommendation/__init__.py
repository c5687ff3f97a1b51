"What: interactions, models, one blend a segment, newcomers, lists, evaluation."

from segrec.recommendation.als import ALSRecommender, tune_als
from segrec.recommendation.baselines import Explanation, PopularityRecommender, Recommender, RepeatPurchaseRecommender
from segrec.recommendation.comparing import (
    compare_all_models,
    compare_models,
    evaluate,
    evaluate_models,
    evaluate_over_time,
    plot_metric,
)
from segrec.recommendation.content import ContentRecommender
from segrec.recommendation.ease import EASERecommender
from segrec.recommendation.ensemble import EnsembleRecommender
from segrec.recommendation.evaluation import (
    EvaluationBlock,
    block_days,
    customer_metrics,
    list_metrics,
    rolling_splits,
    split_by_time,
)
from segrec.recommendation.high_value_walkthrough import plot_weekly_metrics, weekly_metrics
from segrec.recommendation.interactions import Interactions, build_interactions, enough_customers
from segrec.recommendation.newcomers import NewcomerRecommender, for_newcomers, newcomer_curve
from segrec.recommendation.reranking import allowed_items, intra_list_diversity, rerank
from segrec.recommendation.segmented import SegmentedRecommender
from segrec.recommendation.separate import SeparateRecommender
from segrec.recommendation.signals import (
    DEFAULT_EVENT_WEIGHTS,
    SignalChoice,
    choose_signals,
    customer_weights,
    learn_event_weights,
)
from segrec.recommendation.tuning import tune

__all__ = [
    "ALSRecommender",
    "ContentRecommender",
    "DEFAULT_EVENT_WEIGHTS",
    "EASERecommender",
    "EnsembleRecommender",
    "EvaluationBlock",
    "Explanation",
    "Interactions",
    "NewcomerRecommender",
    "PopularityRecommender",
    "Recommender",
    "RepeatPurchaseRecommender",
    "SegmentedRecommender",
    "SeparateRecommender",
    "SignalChoice",
    "allowed_items",
    "block_days",
    "build_interactions",
    "choose_signals",
    "compare_all_models",
    "compare_models",
    "customer_metrics",
    "customer_weights",
    "enough_customers",
    "evaluate",
    "evaluate_models",
    "evaluate_over_time",
    "for_newcomers",
    "intra_list_diversity",
    "learn_event_weights",
    "list_metrics",
    "newcomer_curve",
    "plot_metric",
    "plot_weekly_metrics",
    "rerank",
    "rolling_splits",
    "split_by_time",
    "tune",
    "tune_als",
    "weekly_metrics",
]
