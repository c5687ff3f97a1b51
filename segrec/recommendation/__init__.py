"What: interactions, models, one blend a segment, evaluation."

from segrec.recommendation.als import ALSRecommender, tune_als
from segrec.recommendation.baselines import Explanation, PopularityRecommender, Recommender, RepeatPurchaseRecommender
from segrec.recommendation.content import ContentRecommender
from segrec.recommendation.ease import EASERecommender
from segrec.recommendation.ensemble import EnsembleRecommender
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
from segrec.recommendation.reranking import allowed_items, intra_list_diversity, rerank
from segrec.recommendation.segmented import SegmentedRecommender

__all__ = [
    "ALSRecommender",
    "ContentRecommender",
    "EASERecommender",
    "EnsembleRecommender",
    "EvaluationBlock",
    "Explanation",
    "Interactions",
    "PopularityRecommender",
    "Recommender",
    "RepeatPurchaseRecommender",
    "SegmentedRecommender",
    "allowed_items",
    "block_days",
    "build_interactions",
    "compare_models",
    "customer_metrics",
    "evaluate",
    "evaluate_models",
    "intra_list_diversity",
    "plot_metric",
    "rerank",
    "split_by_time",
    "tune_als",
]
