const base = process.env.ORBIT_BASE_URL ?? 'http://localhost:3000';

const response = await fetch(`${base}/api/v1/billing/credits`, {
  method: 'GET',
  redirect: 'error',
  headers: {
    'X-API-Key': process.env.ORBIT_API_KEY,
  },
});
console.log(JSON.stringify(await response.json(), null, 2));
process.exitCode = response.ok ? 0 : 1;
