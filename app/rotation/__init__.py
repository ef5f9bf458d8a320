"""Rotation: AWS's four steps as a state machine, what they change, and when they are due."""
