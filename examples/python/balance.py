import json
import os
import urllib.request

base = os.environ.get("ORBIT_BASE_URL", "http://localhost:3000")
request = urllib.request.Request(
    base + "/api/v1/billing/balance",
    method="GET",
    headers={
        "X-API-Key": os.environ["ORBIT_API_KEY"],
    },
)
with urllib.request.urlopen(request) as response:
    print(json.dumps(json.load(response), indent=2))
