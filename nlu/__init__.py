"""What a message says: the label scheme, text normalising and Rasa components."""
