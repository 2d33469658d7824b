"""Pure decisions of the tracker and of staff transfers."""
