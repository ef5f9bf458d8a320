"""`python -m tests.cloud.moto_program`: moto as a program; its port is the first line that it prints."""

from __future__ import annotations

import logging
import sys

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from tests.cloud.program import end_with_parent


def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
    if "--with-parent" in sys.argv:
        end_with_parent()
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
