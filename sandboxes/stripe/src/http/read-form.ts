import { checkAccount, type AccountFault, type DebitType } from '../payments/bank-debit.js';
import { checkCard, type CardFault, type CardForm } from '../customers/card.js';
import { createDebitMethod, createMethod } from '../payments/intents.js';
import type { Stored } from '../world/ports.js';
import type { Work } from '../world/work.js';

/** A filled-in form of one of our pages. */
export type PayForm =
  | { readonly kind: 'card'; readonly card: CardForm }
  | { readonly kind: DebitType; readonly number: string; readonly routingNumber: string };

export interface FormOwner {
  readonly name: string | null;
  readonly email: string | null;
}

export type FormFaults = readonly (CardFault | AccountFault)[];

/** Makes a payment method of a form, or says what is wrong with each field. */
export async function readForm(
  work: Work,
  form: PayForm,
  owner: FormOwner,
): Promise<Stored<'payment_method'> | { readonly faults: FormFaults }> {
  const given = { ...owner, metadata: {} };
  if (form.kind === 'card') {
    const today = new Date(work.nowMs);
    const month = { year: today.getUTCFullYear(), month: today.getUTCMonth() + 1 };
    const checked = checkCard(form.card, month);
    return checked.ok ? createMethod(work, { ...given, accepted: checked.accepted }) : checked;
  }
  const checked = checkAccount(form.kind, form);
  return checked.ok ? createDebitMethod(work, { ...given, account: checked.account }) : checked;
}
