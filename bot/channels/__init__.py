"""One module a platform: read a payload, send a message, translate its errors. Only here platforms are named."""
