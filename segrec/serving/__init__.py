"Live: answers from a folder of models."

from segrec.serving.answers import Answers, open_answers, publish_model

__all__ = ["Answers", "open_answers", "publish_model"]
