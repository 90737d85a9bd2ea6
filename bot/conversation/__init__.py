"""What to say next: safety screen, understanding, and one step of one flow."""
