"""Prepare photos for social media: nothing hidden, nobody identifiable unasked."""
