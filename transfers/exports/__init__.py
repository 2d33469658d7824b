"""Lists out of the tracker."""
