"""The demonstration: an exit in full swing and a start at its beginning, built through the services, all of it invented."""
