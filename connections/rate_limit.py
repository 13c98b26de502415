"""A rate limit for each client, shared by all processes of this machine.

The counts are in a small memory-mapped file. A database would have to write for every request, and separate counts
would multiply the limit by the number of processes.
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
    """The key of an address: without the port, and for IPv6 its /64 network, as clients own whole networks."""
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
    """The client's address. Behind a proxy it is the last one in X-Forwarded-For, as clients can forge the others."""
    if settings.BEHIND_PROXY and (named := request.headers.get("X-Forwarded-For")):
        return place_of(named.rsplit(",", 1)[-1].strip()[:64])
    return place_of(request.META.get("REMOTE_ADDR", ""))


class Allowance:
    """A token bucket for each client: `per_minute` requests a minute, a third of them in a burst.

    A hash table with eight entries in each place. In a full place a new client replaces the least recently seen one.
    """

    PLACES, EACH = 2048, 8
    CLIENTS = PLACES * EACH
    # The client's hash (0: free), the remaining tokens, and the time at which they were counted.
    ENTRY = struct.Struct("<Qdd")
    PLACE = EACH * ENTRY.size
    SIZE = PLACES * PLACE

    def __init__(self, path: Path, per_minute: int):
        self.rate, self.most = per_minute / 60, max(per_minute / 3, 1)
        self.lock = Lock()
        # The name contains the size, so that versions with another layout use another file.
        self.file = os.open(path.with_name(f"{path.name}-{self.SIZE}"), os.O_RDWR | os.O_CREAT, 0o600)
        if os.fstat(self.file).st_size < self.SIZE:
            # The file only grows, so existing maps stay valid; new bytes are free entries.
            os.ftruncate(self.file, self.SIZE)
        self.table = mmap.mmap(self.file, self.SIZE)

    def take(self, client: str, now: float) -> float:
        """Take a token. Returns the seconds to wait; 0 if the request is within the limit."""
        digest = hashlib.blake2b(client.encode(errors="replace"), digest_size=8).digest()
        who = int.from_bytes(digest, "little") or 1
        place = who % self.PLACES * self.PLACE
        # The file lock excludes other processes, the thread lock other threads of this one.
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
            # Prefer free entries, then the oldest.
            number = min(range(self.EACH), key=lambda number: (entries[number][0] != 0, entries[number][2]))
            left, since = self.most, now
        else:
            _, left, since = entries[number]
        # A monotonic clock that went back has restarted with the machine.
        left = self.most if now < since - 1 else min(self.most, left + max(now - since, 0) * self.rate)
        wait = 0.0 if left >= 1 else (1 - left) / self.rate
        self.ENTRY.pack_into(self.table, place + number * self.ENTRY.size, who, left if wait else left - 1, now)
        return wait
