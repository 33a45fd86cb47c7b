import type { Command } from 'commander';
import type { Context } from '../cli/context.js';
import { examples, group } from '../cli/frame.js';
import { toInstant } from '../cli/instants.js';

interface Options {
  readonly since?: string;
  readonly fix?: boolean;
}

interface Difference {
  readonly kind: string;
  readonly subject: string;
  readonly organization_id?: string | null;
  readonly topup_id?: string | null;
  readonly currency: string;
  readonly at_stripe: string;
  readonly in_ledger: string;
  readonly what_to_do: string;
}

interface Report {
  readonly compared: Readonly<Record<string, unknown>>;
  readonly differences: readonly Difference[];
  readonly clearing: readonly Pick<Difference, 'currency' | 'at_stripe' | 'in_ledger'>[];
}

/** `orbit reconcile`: the books of others beside ours. */
export function register(program: Command, context: Context): void {
  const reconcile = group(program, 'reconcile', 'compare the ledger with the books of others');
  const stripe = reconcile
    .command('stripe')
    .summary('compare Stripe with the ledger; say what to do about each difference')
    .description(
      'Compare balance transactions, payments, refunds and disputes of Stripe with the ledger. Movements and\nentries since an instant say which payments are looked at; each is compared as a whole. Payments that\nmoved a moment ago are left for the next time. Ends with 1 when anything differs.',
    )
    .option(
      '--since <time>',
      'from this instant on; default: as far as checkout looks back',
      (text) => toInstant(text),
    )
    .option('--fix', "first replay events that were missed, from Stripe's list of events")
    .action((options: Options) => reconcileStripe(context, options));
  examples(
    stripe,
    'reconcile stripe',
    'reconcile stripe --since 2026-05-15T00:00:00Z --fix',
    'reconcile stripe --json',
  );
}

async function reconcileStripe(context: Context, { since, fix = false }: Options): Promise<void> {
  if (fix)
    await context.confirm('Replay every event of Stripe that was missed, and book what it says?');
  const body = { fix, ...(since === undefined ? {} : { since }) };
  const report = (await context.operator('POST', '/reconcile/stripe', body)) as Report;
  if (report.differences.length > 0) context.finding();
  if (context.options().json) {
    context.print(report);
    return;
  }
  const { compared, differences, clearing, ...rest } = report;
  context.print({ ...rest, ...compared, differences: differences.length });
  for (const { currency, at_stripe, in_ledger } of clearing)
    context.print(`stripe_clearing ${currency}: Stripe ${at_stripe}, ledger ${in_ledger}`);
  for (const difference of differences) context.print(`\n${sentence(difference)}`);
}

/** One difference for people: what, where, by how much, and what to do. */
export function sentence(difference: Difference): string {
  const { kind, subject, organization_id, topup_id, currency, at_stripe, in_ledger } = difference;
  const where = [topup_id, organization_id].filter(Boolean).join(' of ');
  const which = where === '' || topup_id === subject ? subject : `${subject} (${where})`;
  return [
    `${kind.replaceAll('_', ' ')}: ${which}`,
    `  Stripe ${at_stripe}, ledger ${in_ledger} ${currency}`,
    `  ${difference.what_to_do}`,
  ].join('\n');
}
