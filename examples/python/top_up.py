import json
import os
import urllib.request
import uuid


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None  # The key goes nowhere else: a redirect is an error.


base = os.environ.get("ORBIT_BASE_URL", "http://localhost:3000")
request = urllib.request.Request(
    base + "/api/v1/billing/balance/top-up",
    method="POST",
    headers={
        "X-API-Key": os.environ["ORBIT_API_KEY"],
        "Content-Type": "application/json",
        "Idempotency-Key": str(uuid.uuid4()),
    },
    data=json.dumps(
        {
            "amount": 10000,
            "currency": "usd",
            "successUrl": "https://example.com/billing?topup=ok",
            "cancelUrl": "https://example.com/billing?topup=cancelled",
        }
    ).encode(),
)
with urllib.request.build_opener(NoRedirect).open(request) as response:
    print(json.dumps(json.load(response), indent=2))
