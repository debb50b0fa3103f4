"""One verb per file: what happens to a photo, step by step."""
