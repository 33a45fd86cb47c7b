#!/bin/sh
# Needs ORBIT_API_KEY; ORBIT_BASE_URL when Orbit Billing runs elsewhere.
curl --fail-with-body --silent --show-error -X GET "${ORBIT_BASE_URL:-http://localhost:3000}/api/v1/billing/plan" \
  -H "X-API-Key: $ORBIT_API_KEY"
