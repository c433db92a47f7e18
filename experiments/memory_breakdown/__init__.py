"""Where every byte of a StreamTinyNet deployment is, against T and resolution."""
