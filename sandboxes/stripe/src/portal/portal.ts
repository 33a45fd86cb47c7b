import type { Customer, PaymentMethod, PortalSession } from '../world/objects.js';
import { detachMethod, needLiving, setDefaultMethod } from '../customers/customers.js';
import { readForm, type FormFaults, type PayForm } from '../http/read-form.js';
import { attemptSetup, createSetup } from '../customers/setups.js';
import type { Work } from '../world/work.js';

/** A portal link works for an hour, as Stripe's does while it is used. */
const SESSION_SECONDS = 3_600;

/** The content of one customer's portal. */
export interface PortalState {
  readonly session: PortalSession;
  readonly customer: Customer;
  readonly methods: readonly PaymentMethod[];
}

export type PortalResult =
  | { readonly kind: 'saved' }
  | { readonly kind: 'requires_action'; readonly url: string }
  | { readonly kind: 'invalid'; readonly faults: FormFaults }
  | { readonly kind: 'declined'; readonly message: string };

/** Null: the link is over or its customer is gone. */
export async function readPortal(work: Work, id: string): Promise<PortalState | null> {
  const { body: session } = await work.need('billing_portal.session', id);
  if (session.created + SESSION_SECONDS <= work.now) return null;
  const customer = await needLiving(work, session.customer);
  const page = await work.tx.list('payment_method', {
    limit: 100,
    startingAfter: undefined,
    endingBefore: undefined,
    created: undefined,
    where: { customer: customer.id },
  });
  return { session, customer, methods: page?.data ?? [] };
}

/** Saves a new method for charges without its owner and makes it the one that pays invoices. */
export async function addMethod(
  work: Work,
  state: PortalState,
  form: PayForm,
  name: string | null,
): Promise<PortalResult> {
  const { customer, session } = state;
  const method = await readForm(work, form, { name, email: customer.email });
  if ('faults' in method) return { kind: 'invalid', faults: method.faults };
  const intent = await createSetup(work, {
    customer: customer.id,
    description: null,
    metadata: {},
    paymentMethod: method.body.id,
    methodTypes: [method.body.type],
    usage: 'off_session',
    belongsTo: { isDefault: true },
  });
  const returnUrl = afterUrl(session);
  const result = await attemptSetup(work, intent, method, { isAuthenticated: false, returnUrl });
  if (result.kind === 'succeeded') return { kind: 'saved' };
  if (result.kind === 'declined') return { kind: 'declined', message: result.decline.message };
  const url = `${work.settings.publicUrl}/3ds/${intent.id}`;
  return { kind: 'requires_action', url };
}

/** Where the browser goes when a flow is done: out of the portal if the merchant said so, else to its start. */
export function afterUrl(session: PortalSession): string {
  const after = session.flow?.['after_completion'] as
    { type?: string; redirect?: { return_url?: string } } | undefined;
  return after?.type === 'redirect' ? (after.redirect?.return_url ?? session.url) : session.url;
}

/** A form of a page that was left open may name what is gone: then nothing happens. */
export async function chooseMethod(work: Work, state: PortalState, id: string): Promise<void> {
  if (isShown(state, id)) await setDefaultMethod(work, state.customer, id);
}

export async function removeMethod(work: Work, state: PortalState, id: string): Promise<void> {
  if (isShown(state, id)) await detachMethod(work, id);
}

const isShown = (state: PortalState, id: string): boolean =>
  state.methods.some((method) => method.id === id);
