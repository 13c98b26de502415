"""Lengths, counts and ranges that rules, forms, help texts and the API share."""

NAME_LENGTH = 100
DESCRIPTION_LENGTH = 100
CEN_NAME_LENGTH = 128
ACCOUNT_NAME_LENGTH = 128
UID_LENGTH = 16
GROUP_NAME_LENGTH = 64
CEN_DESCRIPTION_LENGTH = 256
PSK_LENGTH = 100
AUTH_KEY_LENGTH = 64
IDENTITY_LENGTH = 100
LIFETIME_MAX = 86400
MAX_NETWORKS = 5
MAX_TUNNELS = 2
MAX_TAGS = 20
TAG_KEY_LENGTH = 64
TAG_VALUE_LENGTH = 128
MAX_ROUTER_CIDRS = 5
# Custom route tables of a transit router. The product publishes a quota that can be raised; this is our choice.
MAX_ROUTE_TABLES = 20
ATTACHMENT_NAME_LENGTH = 128
ROUTE_WEIGHTS = (0, 100)
FILTER_NAME_LENGTH = 40
MAX_SAVED_FILTERS = 20
ASN_MAX = 4294967295
CLOUD_ASN = 45104

# Seconds between probes, and how many may go unanswered. The product publishes defaults but no limits [P81].
INTERVAL_MAX = 3600
RETRY_MAX = 100
HEALTH_CHECK_DEFAULT = 3

# Simulated devices: the most prefixes that one announces.
MAX_ANNOUNCED = 100
# The most outages, restarts and changes of traffic until a tunnel is negotiated again.
MAX_HAPPENINGS = 200
# The most traffic of one end, in bit/s.
MAX_BITS = 10**10
# The least and the most of a device's numbers.
DEVICE_RANGES = {"hold_time": (0, 65535), "ipsec_kilobytes": (0, 2**31 - 1), "mtu": (68, 65535), "loss": (0, 100)}

# Logs, and the settings that they follow from, are kept for so many days [P159].
LOG_DAYS = 180
# The shortest window of a page of logs, and the longest period of a request, in minutes [P161].
LOG_MINUTES = 10
