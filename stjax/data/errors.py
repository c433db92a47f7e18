"""What goes wrong with files of data."""


class DataError(Exception):
    """A file of data that is missing or not what it should be; the message says which, and what to do."""
