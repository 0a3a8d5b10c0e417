"""The one exception whose text is meant for the person at the terminal."""


class DevError(Exception):
    """Something the user can act on; shown without a traceback."""
