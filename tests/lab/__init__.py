"""Real tunnels: real daemons load what the console prints, against a cloud that is configured independently.

Two network namespaces, strongSwan in each with ESP in userland, FRR and BIRD inside the tunnel.
See docs/peer-config.md.
"""

import os

from vpnconsole.testing.machine import SBIN

# Programs of the lab start others by name, and a user's path may lack the folders of administrators.
os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", ""), SBIN])
