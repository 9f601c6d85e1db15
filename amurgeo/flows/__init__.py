"""Flows over the border: capacity, demand and queues."""

from amurgeo.flows.capacity import capacity, room, room_sentence
from amurgeo.flows.queues import Queues, queues

__all__ = ["Queues", "capacity", "queues", "room", "room_sentence"]
