import { setTimeout as sleep } from 'node:timers/promises';
import type { Currency } from '@orbit/money';
import type { HotBalances } from '@orbit/spend';
import type { Command } from 'commander';
import type { Context } from '../cli/context.js';
import { OrbitCliError } from '../cli/faults.js';
import { examples } from '../cli/frame.js';

const OUTCOMES = ['complete', 'fail'];
const BOOKING_WAIT_MS = 30_000;
const BOOKING_POLL_MS = 100;

interface Options {
  readonly card: string;
  readonly authentication: string;
}

interface PageAnswer {
  readonly status?: string;
  readonly error?: { readonly message?: string };
}

/** A wallet that the top-up was booked in. */
interface BookedWallet {
  readonly organization_id: string;
  readonly currency: Currency;
  readonly version: string;
}

/** `orbit sandbox`: the Stripe sandbox of a development stack. */
export function register(program: Command, context: Context): void {
  const sandbox = program
    .command('sandbox')
    .description('the Stripe sandbox of a development stack');
  const pay = sandbox
    .command('pay <checkoutUrl>')
    .summary('pay a checkout page as its form does')
    .description(
      'Pay a checkout page as its form does, and wait until the top-up is booked, so that the next\n' +
        'command can spend it. `credited` is false for pages that sell no credit; a top-up that is\n' +
        'not booked after half a minute ends with 1.',
    )
    .option('--card <number>', 'test card', '4242424242424242')
    .option('--authentication <answer>', `for cards that ask: ${OUTCOMES.join(' or ')}`, 'complete')
    .action(async (checkoutUrl: string, { card, authentication }: Options) => {
      let answer = await submit(checkoutUrl, card, 'pay');
      if (answer.status === 'requires_action') {
        answer = await submit(checkoutUrl, card, `${authentication}_authentication`);
      }
      if (answer.error) {
        throw new OrbitCliError(answer.error.message ?? JSON.stringify(answer.error));
      }
      const credited = answer.status === 'complete' && (await isCredited(context, checkoutUrl));
      context.print({ ...answer, credited });
    });
  examples(
    pay,
    'sandbox pay http://127.0.0.1:41234/pay/cs_test_…',
    'sandbox pay URL --card 4000000000000002',
  );
}

async function submit(checkoutUrl: string, card: string, action: string): Promise<PageAnswer> {
  if (!URL.canParse(checkoutUrl)) throw new OrbitCliError(`"${checkoutUrl}" is no address.`);
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
  try {
    return (await response.json()) as PageAnswer;
  } catch {
    throw new OrbitCliError(
      `${checkoutUrl} answers ${response.status}, and not as a page of the sandbox does.`,
    );
  }
}

/**
 * The page sends its reader on before the webhook has come round to the ledger, and charges are decided in Redis,
 * which receives the booking after it; a script that charges in its next line would find an empty wallet.
 */
async function isCredited(context: Context, checkoutUrl: string): Promise<boolean> {
  const sessionId = new URL(checkoutUrl).pathname.split('/').at(-1);
  const postgres = await context.postgres();
  const hot = await hotBalances(context);
  const booked = `
    SELECT w.organization_id, w.currency, w.version FROM checkout.topup t
    JOIN wallet_ledger.wallet w ON w.organization_id = t.organization_id
    JOIN wallet_ledger.entry e ON e.wallet_no = w.wallet_no AND e.reference = 'topup:' || t.id
    WHERE t.session_id = $1 LIMIT 1`;
  const topup = 'SELECT 1 FROM checkout.topup WHERE session_id = $1';
  if ((await postgres.query(topup, [sessionId])).rows.length === 0) return false;
  for (const end = Date.now() + BOOKING_WAIT_MS; Date.now() < end; await sleep(BOOKING_POLL_MS)) {
    const [wallet] = (await postgres.query<BookedWallet>(booked, [sessionId])).rows;
    if (wallet && (await isSpendable(hot, wallet))) return true;
  }
  context.finding();
  return false;
}

async function hotBalances(context: Context): Promise<HotBalances> {
  const { HotBalances } = await import('@orbit/spend');
  return new HotBalances({ redis: await context.redis() });
}

/** A wallet that Redis does not have is loaded by the charge itself. */
async function isSpendable(hot: HotBalances, wallet: BookedWallet): Promise<boolean> {
  const { organization_id: organizationId, currency, version } = wallet;
  const known = await hot.read(organizationId, currency);
  return known === null || known.version >= BigInt(version);
}
