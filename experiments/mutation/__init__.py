"""Planted faults: does the checker refute them, and does it prove what is legal?"""
