"""Pages of the tracker and of the staff list."""
