"""One folder per question: its command, its code and its result."""
