"What: interactions, models, one model a segment, evaluation."

from segrec.recommendation.als import ALSRecommender, tune_als
from segrec.recommendation.baselines import (
    Explanation,
    PopularityRecommender,
    Recommender,
    RepeatPurchaseRecommender,
)
from segrec.recommendation.comparing import (
    compare_all_models,
    compare_models,
    evaluate,
    evaluate_models,
    evaluate_over_time,
    plot_metric,
)
from segrec.recommendation.evaluation import (
    EvaluationBlock,
    block_days,
    customer_metrics,
    rolling_splits,
    split_by_time,
)
from segrec.recommendation.interactions import Interactions, build_interactions
from segrec.recommendation.segmented import SegmentedRecommender, candidate_models
from segrec.recommendation.tuning import tune

__all__ = [
    "ALSRecommender",
    "Explanation",
    "Interactions",
    "PopularityRecommender",
    "Recommender",
    "RepeatPurchaseRecommender",
    "SegmentedRecommender",
    "EvaluationBlock",
    "block_days",
    "build_interactions",
    "candidate_models",
    "compare_all_models",
    "compare_models",
    "customer_metrics",
    "evaluate",
    "evaluate_models",
    "evaluate_over_time",
    "plot_metric",
    "rolling_splits",
    "split_by_time",
    "tune",
    "tune_als",
]
