"""Events in video: phases of a golf swing, and people who sit down, stand up or fall under a thermal array."""
