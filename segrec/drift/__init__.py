"When: divergences, monitor, retraining policy, feedback loop."

from segrec.drift.feedback_loop import feedback_uplift, plot_feedback, replay_feedback, run_feedback_loop, weekly_feedback
from segrec.drift.policy import RetrainingPolicy
from segrec.drift.retraining import challenge, judge_challenger, read_decisions, retrain

__all__ = [
    "RetrainingPolicy",
    "challenge",
    "feedback_uplift",
    "judge_challenger",
    "plot_feedback",
    "read_decisions",
    "replay_feedback",
    "retrain",
    "run_feedback_loop",
    "weekly_feedback",
]
