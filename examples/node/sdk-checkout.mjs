import { Devotel } from '@devotel/orbit-sdk';

const orbit = new Devotel({
  apiKey: process.env.ORBIT_API_KEY,
  baseUrl: process.env.ORBIT_BASE_URL ?? 'http://localhost:3000',
});

const plans = await orbit.billing.listPlans();
const growth = plans.data.find(({ id }) => id === 'plan_growth');
const checkout = await orbit.billing.createCheckout({
  priceId: growth.price_id,
  successUrl: 'https://example.com/billing?success=true',
  cancelUrl: 'https://example.com/billing?cancelled=true',
});
// Redirect the user to it.
console.log(checkout.data.checkoutUrl);
