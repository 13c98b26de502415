"""Logs and rates of tunnels in windows of time, made when they are read.

They follow from the settings of that time: the present ones, or those of a chapter. So what was logged once stays as it
was, whatever is changed afterwards.
"""

from connections.tunnel_history.eras import Era, eras, oldest_kept
from connections.tunnel_history.logs import Reading, newest, page, texts
from connections.tunnel_history.monitoring import Bucket, State, buckets

__all__ = ["Bucket", "Era", "Reading", "State", "buckets", "eras", "newest", "oldest_kept", "page", "texts"]
