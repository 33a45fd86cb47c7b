#!/bin/sh
# Needs ORBIT_API_KEY; ORBIT_BASE_URL when Orbit Billing runs elsewhere.
# A redirect is an error: it would take the key along.
# Charges the default payment method: save one first (POST payment-methods/setup).
curl --location --max-redirs 0 --fail-with-body --silent --show-error -X POST "${ORBIT_BASE_URL:-http://localhost:3000}/api/v1/billing/credits/topup" \
  -H "X-API-Key: $ORBIT_API_KEY" \
  -H "Content-Type: application/json" \
  -H "Idempotency-Key: example-$(date +%s)-$$" \
  -d '{"amount":10000}'
