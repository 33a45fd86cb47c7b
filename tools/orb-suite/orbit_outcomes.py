"""A plugin of pytest: says which test runs, and how each ended."""

import json
import os
import urllib.request

OUTCOMES = os.environ["ORBIT_OUTCOMES"]
PROXY = os.environ["ORBIT_PROXY"]


def pytest_runtest_setup(item):
    request = urllib.request.Request(PROXY + "/_test", data=item.nodeid.encode(), method="POST")
    urllib.request.urlopen(request, timeout=30).close()


def pytest_runtest_logreport(report):
    # A skipped test reports its setup alone; any other one its call, unless its setup failed.
    if report.when != "call" and not (report.when == "setup" and report.outcome != "passed"):
        return
    reason = ""
    if report.failed:
        reason = str(getattr(report.longrepr, "reprcrash", report.longrepr))[-600:]
    with open(OUTCOMES, "a", encoding="utf-8") as file:
        line = {"test": report.nodeid, "outcome": report.outcome, "reason": reason}
        file.write(json.dumps(line) + "\n")
