"""Front ends: they parse, call the api and render."""
