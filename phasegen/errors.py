"""Errors that a user can mend; they are shown as a message, without a trace."""


class UserError(ValueError):
    """The input or the configuration is at fault; the message says where and what to do."""
