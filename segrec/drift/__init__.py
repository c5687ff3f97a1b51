"Drift: has something changed, does it matter, and what should be done about it."
