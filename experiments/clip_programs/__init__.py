"""Clip models as people build them: what one more frame costs by the derived program, and what the whole clip does."""
