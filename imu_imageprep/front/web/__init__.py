"""The local web page: the same api, ledger and policy as the command line, and no logic of its own.

``serving`` starts and ends the server, ``guard`` stands before every request, ``album`` holds the
photos of this run, and one module each answers for photos, review, results, folders and consents.
"""
