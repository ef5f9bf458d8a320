"""What a rotation changes: one module a target. docs/rotation.md says how to write another."""
