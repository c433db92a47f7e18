"""How many frames does a gesture need? Accuracy, MACs, SRAM and instructions of StreamTinyNet against T."""
