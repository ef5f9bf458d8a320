"""The desktop around the window: clipboard, tray, notifications, screen lock, sleep; no page of ours."""
