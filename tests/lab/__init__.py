"""Real tunnels: what the console prints, loaded by real daemons, against a cloud that another table configures.

Two network namespaces, strongSwan in each with ESP in userland, FRR and BIRD inside the tunnel.
See docs/peer-config.md.
"""
