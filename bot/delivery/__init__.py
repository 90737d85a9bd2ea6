"""The one door out: every message to a person is a stored row, sent and settled here."""
