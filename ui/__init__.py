"""The window: showing and asking. It knows `app` and the nouns of `vault`; nothing knows it."""
