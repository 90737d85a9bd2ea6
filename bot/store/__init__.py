"""The people store: contacts, conversations, subscriptions, deliveries; what is personal is encrypted."""
