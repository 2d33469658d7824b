"""Decisions of reporting as pure functions: colours of many, small numbers, the week. No database, no clock."""
