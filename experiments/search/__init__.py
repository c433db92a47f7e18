"""Networks searched under a budget that is proved."""
