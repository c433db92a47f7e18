"""Export: Flax models to int8 TFLite, proved plans to C. `export.c` loads neither jax nor tensorflow."""
