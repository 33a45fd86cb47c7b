import { needLiving } from '../application/customers.js';
import type { PortalSession } from '../domain/objects.js';
import { ignored, object, oneOf, required, text, url } from '../domain/params.js';
import { invalidRequest } from '../domain/stripe-error.js';
import { route, type ApiRoute } from './api-route.js';

/** The dashboard's settings of the portal: the sandbox has one set. */
const CONFIGURATION = 'bpc_1SandboxDefault000000000';

const flowData = object({
  type: required(oneOf('payment_method_update', 'subscription_cancel', 'subscription_update')),
  after_completion: object({
    type: required(oneOf('portal_homepage', 'redirect', 'hosted_confirmation')),
    redirect: object({ return_url: required(url()) }),
    hosted_confirmation: ignored(),
  }),
  subscription_cancel: object({ subscription: required(text(255)), retention: ignored() }),
  subscription_update: object({ subscription: required(text(255)) }),
});

/** Links to the page on which customers keep their own cards and plans. */
export const PORTAL_ROUTES: readonly ApiRoute[] = [
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
    subscription_update_confirm: null,
    type: flow.type,
  };
}
