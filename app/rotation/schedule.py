"""When an entry is rotated: AWS's rotation rules. Pure."""
