"""Campaigns: the calendar, who is due, the plan for a season, and the words that leave."""
