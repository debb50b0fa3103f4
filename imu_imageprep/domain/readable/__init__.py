"""Which lines of text that can be read in a picture identify a person: pure rules.

Detectors read; nothing here opens a picture or keeps a text. What comes out is a category and a
place.
"""
