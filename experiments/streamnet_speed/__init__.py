"""StreamNet's Table 3 in executed instructions, and our own plans' SRAM against their instructions, per target."""
