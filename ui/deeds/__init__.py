"""What is done for the person at the window: asked in a dialog, worked on the pool, told what came of it."""
