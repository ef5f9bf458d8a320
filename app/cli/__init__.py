"""The command line `strongroom`: parse, call one workflow, print. The only place that prints.

Values go to stdout and words to stderr. Nothing is imported before the command needs it.
"""
