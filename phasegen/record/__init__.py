"""What a run has left behind of where its numbers come from, read again and written down."""
