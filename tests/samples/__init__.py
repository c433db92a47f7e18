"""For each operator, how a random one is put behind a tensor of a network: what random networks are made of.

One file per file of verify/ops, and in it one function per operator, `draw_<kind in lower case>`. It appends the
operator to the network and returns its results; where the operator does not take such a tensor, or would make it large,
it appends nothing and returns ().
"""
