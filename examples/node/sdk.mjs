import { Orbit } from '@devotel/orbit-sdk';

const orbit = new Orbit({
  apiKey: process.env.ORBIT_API_KEY,
  baseUrl: process.env.ORBIT_BASE_URL ?? 'http://localhost:3000',
});

const usage = await orbit.billing.getUsage();
console.log(usage.data.messages.sms.sent);

const balance = await orbit.billing.getBalance();
console.log(balance.data.balance_cents);

for await (const transaction of orbit.pages((page) => orbit.billing.listTransactions(page))) {
  console.log(transaction.id, transaction.type, transaction.amount);
}
