"Attacks on segrec: each try is told apart by a number, and was held, or refused in segrec's own words."

OWN_ERRORS = (ValueError, TypeError, FileNotFoundError)


def check_refusal(error: Exception) -> None:
    "AssertionError where another library's error came through, or one that teaches nothing."
    if type(error) not in OWN_ERRORS or len(str(error)) < 20:   # a subclass is another library's
        raise AssertionError(f"{type(error).__name__}: {error}") from error
