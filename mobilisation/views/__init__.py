"""Thin pages of the ground."""
