"""Everything that changes the state of reporting."""
