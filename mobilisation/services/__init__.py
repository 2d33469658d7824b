"""Everything that changes state on the ground floor."""
