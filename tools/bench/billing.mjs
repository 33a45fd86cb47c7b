/** Billing: a run over many subscriptions beside the bare rows, and the look at an invoice that still moves. */
import { wants } from './options.mjs';
import { billingRunRow } from './billing/run.mjs';

export async function runBilling(context) {
  const { options } = context;
  const rows = [];
  if (wants(options, 'billing-run')) rows.push(await billingRunRow(context));
  return rows;
}
