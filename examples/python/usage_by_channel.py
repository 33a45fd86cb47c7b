import json
import os
import urllib.request


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None  # The key goes nowhere else: a redirect is an error.


base = os.environ.get("ORBIT_BASE_URL", "http://localhost:3000")
request = urllib.request.Request(
    base + "/api/v1/billing/usage-by-channel?days=30",
    method="GET",
    headers={
        "X-API-Key": os.environ["ORBIT_API_KEY"],
    },
)
with urllib.request.build_opener(NoRedirect).open(request) as response:
    print(json.dumps(json.load(response), indent=2))
