"""RAM and flash of exported projects, as linked for several cores, beside what was proved and what TFLM takes."""
