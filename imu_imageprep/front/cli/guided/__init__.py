"""The conversation about photos that wait: questions in plain words, on a terminal."""
