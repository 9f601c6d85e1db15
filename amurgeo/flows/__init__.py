"""Flows over the border: capacity, demand and queues."""

from amurgeo.flows.capacity import capacity, capacity_curve, room_sentence
from amurgeo.flows.demand import room
from amurgeo.flows.queues import Queues, queues

__all__ = ["Queues", "capacity", "capacity_curve", "queues", "room", "room_sentence"]
