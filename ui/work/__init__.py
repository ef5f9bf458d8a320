"""What the pages want of the vault: asked on a pool thread, given back as values. No widget here."""
