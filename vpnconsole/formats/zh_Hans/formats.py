"""Chinese: 2026年11月24日 and 1,234, grouped by thousands as in consoles."""

DATE_FORMAT = "Y年n月j日"
TIME_FORMAT = "H:i:s"
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
