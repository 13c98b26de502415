"""A process with one database. It reads the names of cases, runs them, and prints their CPU time in milliseconds."""

import json
import os
import sys
import time


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    import django

    django.setup()
    from bench.cases import Estate

    estate = Estate()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        name = line.strip()
        before = estate.prepare(name)
        begun = time.process_time()
        size = estate.run(name, before)
        spent = (time.process_time() - begun) * 1000
        print(json.dumps({"ms": spent, "bytes": size}), flush=True)


if __name__ == "__main__":
    main()
