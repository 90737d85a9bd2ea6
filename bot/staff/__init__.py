"""The staff site under `/staff/`: sign-in, people and roles, and the pages over the directory."""
