"""The trail of exports and answers."""
