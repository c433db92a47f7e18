"""What one more frame of a stream costs, against T, and against running the whole clip again."""
