"""What task dropping saves, and what it costs: accuracy and work left out, against the threshold."""
