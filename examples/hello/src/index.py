"""Says hello: the smallest function worth releasing step by step."""

import os


def main_handler(event, context):
    """Answers every request with a greeting."""
    name = event.get("name", "world") if isinstance(event, dict) else "world"
    return f"{os.environ.get('GREETING', 'Hello')}, {name}!"
