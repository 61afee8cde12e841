"""Telling programs what happened: endpoints, events written with what happened, deliveries until they arrive."""
