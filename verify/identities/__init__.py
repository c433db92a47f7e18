"""Programs and their C, run on identities: what a byte of memory means stands there in place of its value.

Control flow and addresses do not depend on data, so one run speaks for all inputs. It knows no plan, no layout, no
solver and no emitter: a result is right when every byte that its windows read is the byte that the model means.
"""
