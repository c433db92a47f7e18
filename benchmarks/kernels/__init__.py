"""What the kernels take: executed instructions, per MAC and in all, and code bytes, per layer and model, by target.

measure     one model or layer, planned, built and run on an emulated board
models      which models, and where their files are
single      models of one operator, from a line such as conv:1x1:144:24:w20
peers       what TFLM with CMSIS-NN, and TinyEngine, took for the same models (peers.json)
tables      text, Markdown and JSON of the results, beside the committed ones
cycles      an estimate of a Cortex-M7's cycles, by llvm-mca
fit         prices of the planner's cost model, from such counts
flame       profiles as text and as flame graph
"""
