"""Proved plans to C99 text."""
