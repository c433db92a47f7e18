"""One file per operator with everything that is known about it; `registry` maps TFLite's codes to them."""
