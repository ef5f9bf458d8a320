"""Servers that rotations change, real ones, started by the tests on loopback."""
