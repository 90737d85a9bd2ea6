"""The running service: channels in, one conversation step, one door out."""
