"""Everything that changes the register."""
