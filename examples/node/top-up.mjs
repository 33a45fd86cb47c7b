const base = process.env.ORBIT_BASE_URL ?? 'http://localhost:3000';

const response = await fetch(`${base}/api/v1/billing/balance/top-up`, {
  method: 'POST',
  redirect: 'error',
  headers: {
    'X-API-Key': process.env.ORBIT_API_KEY,
    'Content-Type': 'application/json',
    'Idempotency-Key': crypto.randomUUID(),
  },
  body: JSON.stringify({
    amount: 10000,
    currency: 'usd',
    successUrl: 'https://example.com/billing?topup=ok',
    cancelUrl: 'https://example.com/billing?topup=cancelled',
  }),
});
console.log(JSON.stringify(await response.json(), null, 2));
process.exitCode = response.ok ? 0 : 1;
