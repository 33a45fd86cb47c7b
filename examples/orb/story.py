"""Orb's Python SDK (4.90.0), untouched, against Orbit Billing: from a plan to a paid invoice.

Needs `pip install orb-billing`, and in a test account ORB_API_KEY and ORB_BASE_URL (see README.md here).
"""

import time
import uuid
from datetime import timedelta

from orb import Orb

orb = Orb()
name = f"acme-{uuid.uuid4().hex[:8]}"


def until(read, is_there):
    """Usage is counted a moment after it is accepted."""
    for _ in range(100):
        found = read()
        if is_there(found):
            return found
        time.sleep(0.2)
    raise TimeoutError("It did not come within 20 seconds.")


# 1. A plan: 5 dollars a month, and calls by tiers.
item = orb.items.create(name="API calls")
metric = orb.metrics.create(
    name="Calls",
    description=None,
    item_id=item.id,
    sql="SELECT SUM(calls) FROM events",
)
tiers = [
    {"first_unit": 0, "last_unit": 10_000, "unit_amount": "0.001"},
    {"first_unit": 10_000, "last_unit": 100_000, "unit_amount": "0.0008"},
    {"first_unit": 100_000, "unit_amount": "0.0005"},
]
base_fee = {
    "name": "Base fee",
    "item_id": item.id,
    "cadence": "monthly",
    "model_type": "unit",
    "unit_config": {"unit_amount": "5.00"},
    "fixed_price_quantity": 1,
}
calls = {
    "name": "Calls",
    "item_id": item.id,
    "billable_metric_id": metric.id,
    "cadence": "monthly",
    "model_type": "tiered",
    "tiered_config": {"tiers": tiers},
}
plan = orb.plans.create(name="Team", currency="USD", prices=[{"price": base_fee}, {"price": calls}])
print(f"plan {plan.name}: {', '.join(price.name for price in plan.prices)}")

# 2. A customer, and a subscription to the plan.
customer = orb.customers.create(name=name, email=f"billing@{name}.test", external_customer_id=name)
subscription = orb.subscriptions.create(external_customer_id=name, plan_id=plan.id)
print(f"subscription of {customer.name}: {subscription.status}")

# 3. Usage. The same event twice counts once.
now = orb.get("/test_clock", cast_to=object)["now"]
events = [
    {
        "event_name": "calls",
        "external_customer_id": name,
        "idempotency_key": f"{name}-{at}",
        "timestamp": now,
        "properties": {"calls": count},
    }
    for at, count in enumerate([50_000, 60_000, 40_000])
]
orb.events.ingest(events=events)
again = orb.events.ingest(events=events, extra_query={"debug": "true"})
print("events sent again:", len(again.debug["duplicate"]), "duplicates")


# 4. What the next invoice will be: 10,000 x 0.001 + 90,000 x 0.0008 + 50,000 x 0.0005 = 107.
def usage(invoice):
    return next((line for line in invoice.line_items if line.name == "Calls"), None)


def is_counted(invoice):
    line = usage(invoice)
    return line is not None and line.quantity == 150_000


upcoming = until(lambda: orb.invoices.fetch_upcoming(subscription_id=subscription.id), is_counted)
print(f"upcoming: {usage(upcoming).quantity:.0f} calls, {usage(upcoming).amount}")

# 5. A month later the period is closed, and after its grace the invoice is issued.
later = subscription.current_billing_period_end_date + timedelta(days=2)
orb.post("/test_clock", cast_to=object, body={"now": later.isoformat()})


def find_issued():
    page = orb.invoices.list(subscription_id=subscription.id, status=["issued"])
    return next((invoice for invoice in page.data if usage(invoice)), None)


issued = until(find_issued, lambda invoice: invoice is not None)
print(f"issued: {issued.invoice_number}, {issued.amount_due} {issued.currency}")

# 6. Paid, outside of Orbit Billing.
paid = orb.invoices.mark_paid(issued.id, payment_received_date=later.date())
print(f"{paid.invoice_number} is {paid.status}")
