"""Answers 200 at one path and 404 elsewhere: `answer.py PORT PATH`."""

import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT, WELL = int(sys.argv[1]), sys.argv[2]


class Answer(BaseHTTPRequestHandler):
    """One request."""

    def do_GET(self) -> None:
        """Say whether all is well, and who is asked."""
        body = f"stand-in at {self.headers['Host']}".encode()
        self.send_response(200 if self.path in {WELL, "/"} else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - the library's name


# As process 1 of a container it would not hear of its end otherwise.
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
ThreadingHTTPServer(("0.0.0.0", PORT), Answer).serve_forever()  # noqa: S104 - within a container
