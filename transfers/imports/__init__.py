"""Workbooks of people and of staff."""
