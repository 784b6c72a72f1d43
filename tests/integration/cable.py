"""A TCP relay between a client and a server: pulled out, held still, cut after so many octets.

    with Cable(prosody.port) as cable:      # connect to cable.port
        cable.cut()                         # both ends see their connection end
        cable.hold()                        # nothing passes any more, nobody is told
        cable.cut_after(100)                # when the client has sent so many octets more
"""
import socket
import threading

from harness import free_port


class Cable:
    def __init__(self, target, host="127.0.0.1"):
        self.target = (host, target)
        self.port = free_port()
        self.connections = 0
        self._going = threading.Event()
        self._going.set()
        self._sockets = []
        self._limit = None
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def cut(self):
        with self._lock:
            sockets, self._sockets = self._sockets, []
        for one in sockets:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self._going.set()

    def hold(self):
        self._going.clear()

    def go_on(self):
        self._going.set()

    def cut_after(self, octets):
        """In the middle of whatever it is."""
        self._limit = octets

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self.target, 5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            with self._lock:
                self._sockets += [client, server]
                self.connections += 1
            for pair in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._carry, args=pair, daemon=True).start()

    def _carry(self, source, sink, from_client):
        try:
            while data := source.recv(65536):
                self._going.wait()
                if from_client and self._limit is not None:
                    data = data[:self._limit]
                    self._limit -= len(data)
                sink.sendall(data)
                if from_client and self._limit == 0:
                    self._limit = None
                    break
        except OSError:
            pass
        for one in (source, sink):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
