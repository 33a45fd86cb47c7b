import os
import sys
from pathlib import Path

# Not needed once the package is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "sdks" / "python"))

from orbit_billing import OrbitClient, pages  # noqa: E402

orbit = OrbitClient(api_key=os.environ["ORBIT_API_KEY"])

usage = orbit.billing.get_usage()
print(usage.data.messages.sms.sent)

plans = orbit.billing.list_plans()
growth = next(plan for plan in plans.data if plan.id == "plan_growth")
checkout = orbit.billing.create_checkout(
    price_id=growth.price_id,
    success_url="https://example.com/billing?success=true",
    cancel_url="https://example.com/billing?cancelled=true",
)
# Redirect the user to it.
print(checkout.data.checkout_url)

for transaction in pages(orbit.billing.list_transactions, limit=100):
    print(transaction.id, transaction.type, transaction.amount)
