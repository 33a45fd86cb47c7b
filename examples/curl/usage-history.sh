#!/bin/sh
# Needs ORBIT_API_KEY; ORBIT_BASE_URL when Orbit Billing runs elsewhere.
# A redirect is an error: it would take the key along.
curl --location --max-redirs 0 --fail-with-body --silent --show-error -X GET "${ORBIT_BASE_URL:-http://localhost:3000}/api/v1/billing/usage/history?start_date=2026-03-01&end_date=2026-03-08&granularity=day" \
  -H "X-API-Key: $ORBIT_API_KEY"
