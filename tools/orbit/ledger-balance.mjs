/** Balances at a past instant, page by page from the operator API. */
export async function readBalances(context, { at, organization, currency }) {
  const balances = [];
  let cursor = null;
  do {
    const query = new URLSearchParams({ at });
    if (organization !== undefined) query.set('organization_id', organization);
    if (currency !== undefined) query.set('currency', currency);
    if (cursor !== null) query.set('cursor', cursor);
    const page = await context.operator('GET', `/ledger/balances?${query}`);
    balances.push(...page.balances);
    cursor = page.cursor;
  } while (cursor !== null);
  return balances;
}
