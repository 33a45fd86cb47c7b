import { needLiving } from '../customers/customers.js';
import { checkUpdate, preparedUpdate } from './portal-update.js';
import type { PortalConfiguration, PortalSession } from '../world/objects.js';
import {
  flag,
  ignored,
  integer,
  list,
  listShape,
  metadata,
  object,
  oneOf,
  required,
  text,
  url,
} from '../http/params.js';
import { invalidRequest } from '../http/stripe-error.js';
import { listAnswer, route, type ApiRoute } from '../http/api-route.js';

/** The dashboard's settings of the portal: the sandbox has one set. */
const CONFIGURATION = 'bpc_1SandboxDefault000000000';

const flowData = object({
  type: required(
    oneOf(
      ...(['payment_method_update', 'subscription_cancel', 'subscription_update'] as const),
      'subscription_update_confirm',
    ),
  ),
  after_completion: object({
    type: required(oneOf('portal_homepage', 'redirect', 'hosted_confirmation')),
    redirect: object({ return_url: required(url()) }),
    hosted_confirmation: ignored(),
  }),
  subscription_cancel: object({ subscription: required(text(255)), retention: ignored() }),
  subscription_update: object({ subscription: required(text(255)) }),
  subscription_update_confirm: object({
    subscription: required(text(255)),
    items: required(
      list(
        required(
          object({ id: required(text(255)), price: required(text(255)), quantity: integer(1) }),
        ),
        1,
      ),
    ),
  }),
});

/** The features of a portal; only the confirmation of a prepared update is acted on. */
const features = object({
  customer_update: ignored(),
  invoice_history: object({ enabled: required(flag()) }),
  payment_method_update: object({ enabled: required(flag()) }),
  subscription_cancel: ignored(),
  subscription_update: object({
    enabled: required(flag()),
    default_allowed_updates: list(required(oneOf('price', 'quantity', 'promotion_code')), 3),
    proration_behavior: oneOf('always_invoice', 'create_prorations', 'none'),
    products: list(
      required(object({ product: required(text(255)), prices: list(required(text(255)), 10) })),
      10,
    ),
  }),
});

/** Links to the page on which customers keep their own cards and plans. */
export const PORTAL_ROUTES: readonly ApiRoute[] = [
  route(
    'POST',
    '/v1/billing_portal/configurations',
    { features: required(features), metadata: metadata(), business_profile: ignored() },
    async (work, params) => {
      const made: PortalConfiguration = {
        id: work.id('billing_portal.configuration'),
        object: 'billing_portal.configuration',
        active: true,
        application: null,
        created: work.now,
        features: JSON.parse(JSON.stringify(params.features)) as PortalConfiguration['features'],
        is_default: false,
        livemode: false,
        metadata: params.metadata ?? {},
        updated: work.now,
      };
      await work.tx.insert('billing_portal.configuration', made, null);
      return made;
    },
  ),
  route(
    'GET',
    '/v1/billing_portal/configurations',
    { ...listShape, active: flag(), is_default: flag() },
    (work, params) => {
      const where = { active: params.active, is_default: params.is_default };
      const url = '/v1/billing_portal/configurations';
      return listAnswer(work, 'billing_portal.configuration', params, where, url);
    },
  ),
  route(
    'POST',
    '/v1/billing_portal/sessions',
    {
      customer: required(text(255)),
      return_url: url(),
      configuration: text(255),
      flow_data: flowData,
      locale: text(10),
    },
    async (work, params) => {
      const customer = await needLiving(work, params.customer, 'customer');
      const flow = params.flow_data;
      if (flow?.after_completion?.type === 'redirect' && !flow.after_completion.redirect) {
        throw invalidRequest('Missing required param: flow_data[after_completion][redirect].', {
          code: 'parameter_missing',
          param: 'flow_data[after_completion][redirect]',
        });
      }
      const id = work.id('billing_portal.session');
      const session: PortalSession = {
        id,
        object: 'billing_portal.session',
        configuration: params.configuration ?? CONFIGURATION,
        created: work.now,
        customer: customer.id,
        customer_account: null,
        flow: flow === undefined ? null : flowOf(flow),
        livemode: false,
        locale: params.locale ?? null,
        on_behalf_of: null,
        return_url: params.return_url ?? null,
        url: `${work.settings.publicUrl}/p/session/${id}`,
      };
      const update = preparedUpdate(session);
      if (update !== null) await checkUpdate(work, customer.id, update);
      await work.tx.insert('billing_portal.session', session, null);
      return session;
    },
  ),
];

function flowOf(flow: NonNullable<ReturnType<typeof flowData>>): PortalSession['flow'] {
  const after = flow.after_completion;
  return {
    after_completion: {
      hosted_confirmation: null,
      redirect: after?.redirect === undefined ? null : { return_url: after.redirect.return_url },
      type: after?.type ?? 'portal_homepage',
    },
    customer_update: null,
    subscription_cancel:
      flow.subscription_cancel === undefined
        ? null
        : { retention: null, subscription: flow.subscription_cancel.subscription },
    subscription_update: flow.subscription_update ?? null,
    subscription_update_confirm:
      flow.subscription_update_confirm === undefined
        ? null
        : { discounts: null, ...flow.subscription_update_confirm },
    type: flow.type,
  };
}
