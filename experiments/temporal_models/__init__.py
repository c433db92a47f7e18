"""Which temporal model for which bytes? Families of networks of equal size on clips that only order tells apart."""
