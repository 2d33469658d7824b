"""Read functions for the position: frozen dataclasses, a fixed number of queries."""
