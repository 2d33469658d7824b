"""Everything that changes people and staff."""
