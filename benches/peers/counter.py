"""Counts calls and connections between a program and the local SCF."""

import socket
import threading


class Counter:
    """Hands on what it gets to `host` while the `with` block runs, and counts."""

    def __init__(self, host):
        name, port = host.rsplit(":", 1)
        self.target = (name, int(port))
        self.calls = self.connections = 0

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.threads = [threading.Thread(target=self.accept)]
        self.threads[0].start()
        return self

    def __exit__(self, *_):
        # Wakes the thread that accepts.
        self.listener.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join()
        self.listener.close()

    def accept(self):
        """Takes connections."""
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.target)
            self.connections += 1
            for way in [(client, server, True), (server, client, False)]:
                self.threads.append(threading.Thread(target=self.hand_on, args=way))
                self.threads[-1].start()

    def hand_on(self, source, sink, is_request):
        """Passes bytes on until one side ends."""
        seen = b""
        while True:
            try:
                read = source.recv(65536)
                sink.sendall(read)
            except OSError:
                break
            if not read:
                break
            if is_request:
                seen += read
        try:
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        self.calls += seen.count(b"POST / HTTP/1.1\r\n")
