"""Real tunnels: real daemons load what the console prints, against a cloud that is configured independently.

Two network namespaces, strongSwan in each with ESP in userland, FRR and BIRD inside the tunnel.
See docs/peer-config.md.
"""
