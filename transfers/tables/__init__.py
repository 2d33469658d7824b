"""Tables drawn in Python, where a template would cost more than the page."""
