"""How often one client may ask, counted by all processes of this machine together.

The counts lie in a small file that every process has in its memory. A database would have to write for every request;
a count in each process would let a client through as many times more often as there are processes.
"""

import hashlib
import mmap
import os
import struct
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from threading import Lock
from types import ModuleType

from django.conf import settings

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows serves nobody else: every process counts for itself.
    fcntl = None


def place_of(text: str) -> str:
    """An address as it is counted: without a port, and of IPv6 the network, in which anybody has very many."""
    for spelled in (text, text.rpartition(":")[0]):
        try:
            address = ip_address(spelled.strip("[]"))
        except ValueError:
            continue
        if address.version == 4 or address.is_loopback:
            return str(address)
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return f"{IPv6Address(int(address) >> 64 << 64)}/64"
    return text


def client_address(request) -> str:
    """Who asks. Behind a proxy: whom the proxy names last, as everything before that may be made up."""
    if settings.BEHIND_PROXY and (named := request.headers.get("X-Forwarded-For")):
        return place_of(named.rsplit(",", 1)[-1].strip()[:64])
    return place_of(request.META.get("REMOTE_ADDR", ""))


class Allowance:
    """So many requests a minute, a third of them at once; what is unused fills up again.

    Clients stand in places by the hash of their address, eight to a place. Where a place is full, the one unseen for
    longest is forgotten.
    """

    PLACES, EACH = 2048, 8
    CLIENTS = PLACES * EACH
    # Who (a hash, 0: nobody), how much was left, and when that was.
    ENTRY = struct.Struct("<Qdd")
    PLACE = EACH * ENTRY.size
    SIZE = PLACES * PLACE

    def __init__(self, path: Path, per_minute: int):
        self.rate, self.most = per_minute / 60, max(per_minute / 3, 1)
        self.lock = Lock()
        # The size is part of the name, so that another version has a file of its own.
        self.file = os.open(path.with_name(f"{path.name}-{self.SIZE}"), os.O_RDWR | os.O_CREAT, 0o600)
        if os.fstat(self.file).st_size < self.SIZE:
            # It only ever grows: whoever has it in memory already is not harmed. What is new in it is nobody.
            os.ftruncate(self.file, self.SIZE)
        self.table = mmap.mmap(self.file, self.SIZE)

    def take(self, client: str, now: float) -> float:
        """Seconds to wait; 0 if this request is within the bounds."""
        digest = hashlib.blake2b(client.encode(errors="replace"), digest_size=8).digest()
        who = int.from_bytes(digest, "little") or 1
        place = who % self.PLACES * self.PLACE
        # Processes are kept apart by the file's lock, threads of one process by the other.
        with self.lock:
            if fcntl:
                fcntl.lockf(self.file, fcntl.LOCK_EX, self.PLACE, place)
            try:
                return self._take(who, place, now)
            finally:
                if fcntl:
                    fcntl.lockf(self.file, fcntl.LOCK_UN, self.PLACE, place)

    def _take(self, who: int, place: int, now: float) -> float:
        entries = list(self.ENTRY.iter_unpack(self.table[place : place + self.PLACE]))
        number = next((number for number, entry in enumerate(entries) if entry[0] == who), None)
        if number is None:
            # Free ones are the oldest.
            number = min(range(self.EACH), key=lambda number: (entries[number][0] != 0, entries[number][2]))
            left, since = self.most, now
        else:
            _, left, since = entries[number]
        # A clock that stands before what it was has begun anew, with the machine.
        left = self.most if now < since - 1 else min(self.most, left + max(now - since, 0) * self.rate)
        wait = 0.0 if left >= 1 else (1 - left) / self.rate
        self.ENTRY.pack_into(self.table, place + number * self.ENTRY.size, who, left if wait else left - 1, now)
        return wait
