import { OrbitCliError } from './faults.mjs';
import { examples } from './frame.mjs';

const OUTCOMES = ['complete', 'fail'];

/** `orbit sandbox`: the Stripe sandbox of a development stack. */
export function register(program, context) {
  const sandbox = program
    .command('sandbox')
    .description('the Stripe sandbox of a development stack');
  const pay = sandbox
    .command('pay <checkoutUrl>')
    .description('pay a checkout page as its form does')
    .option('--card <number>', 'test card', '4242424242424242')
    .option('--authentication <answer>', `for cards that ask: ${OUTCOMES.join(' or ')}`, 'complete')
    .action(async (checkoutUrl, { card, authentication }) => {
      let answer = await submit(checkoutUrl, card, 'pay');
      if (answer.status === 'requires_action') {
        answer = await submit(checkoutUrl, card, `${authentication}_authentication`);
      }
      if (answer.error) {
        throw new OrbitCliError(answer.error.message ?? JSON.stringify(answer.error));
      }
      context.print(answer);
    });
  examples(
    pay,
    'sandbox pay http://127.0.0.1:41234/pay/cs_test_…',
    'sandbox pay URL --card 4000000000000002',
  );
}

async function submit(checkoutUrl, card, action) {
  const response = await fetch(checkoutUrl, {
    method: 'POST',
    redirect: 'manual',
    headers: { Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      card_number: card.replaceAll(' ', ''),
      exp: '12/40',
      cvc: '123',
      name: 'Orbit CLI',
      email: 'cli@example.com',
      action,
    }),
  });
  return response.json();
}
