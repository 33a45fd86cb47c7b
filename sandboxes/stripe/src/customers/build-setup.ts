import type { Metadata } from '../http/json.js';
import type { MethodType, SetupIntent } from '../world/objects.js';

export function buildSetupIntent(given: {
  readonly id: string;
  readonly clientSecret: string;
  readonly created: number;
  readonly customer: string | null;
  readonly description: string | null;
  readonly metadata: Metadata;
  readonly paymentMethod: string | null;
  readonly methodTypes: readonly MethodType[];
  readonly usage: 'off_session' | 'on_session';
}): SetupIntent {
  return {
    id: given.id,
    object: 'setup_intent',
    application: null,
    automatic_payment_methods: null,
    cancellation_reason: null,
    client_secret: given.clientSecret,
    created: given.created,
    customer: given.customer,
    customer_account: null,
    description: given.description,
    excluded_payment_method_types: null,
    flow_directions: null,
    last_setup_error: null,
    latest_attempt: null,
    livemode: false,
    mandate: null,
    metadata: given.metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: given.paymentMethod,
    payment_method_configuration_details: null,
    payment_method_options: { card: { request_three_d_secure: 'automatic' } },
    payment_method_types: given.methodTypes,
    single_use_mandate: null,
    status: given.paymentMethod === null ? 'requires_payment_method' : 'requires_confirmation',
    usage: given.usage,
  };
}
