#!/bin/sh
# Needs ORBIT_API_KEY; ORBIT_BASE_URL when Orbit Billing runs elsewhere.
# A redirect is an error: it would take the key along.
curl --location --max-redirs 0 --fail-with-body --silent --show-error -X POST "${ORBIT_BASE_URL:-http://localhost:3000}/api/v1/billing/checkout" \
  -H "X-API-Key: $ORBIT_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{"priceId":"price_growth_monthly","successUrl":"https://example.com/settings/billing?success=true","cancelUrl":"https://example.com/settings/billing?cancelled=true"}'
