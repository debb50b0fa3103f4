"""People who agreed to be recognised: measuring faces, and keeping what was measured."""
