"""How much stack generated code needs at every optimisation level, beside what its plan reserves."""
