"When: divergences, monitor, retraining policy, feedback loop."

from segrec.drift.policy import RetrainingPolicy

__all__ = ["RetrainingPolicy"]
