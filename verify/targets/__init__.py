"""How operators are computed on real machines. A target is a folder here, a kernel a file in it; both register by
being there. Operators (verify.ops) are mathematics; whatever depends on who computes them stands here.
"""
