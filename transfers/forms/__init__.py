"""Forms of the tracker and of the staff list."""
