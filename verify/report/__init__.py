"""Plans and verdicts as one object for machines and as tables for people."""
