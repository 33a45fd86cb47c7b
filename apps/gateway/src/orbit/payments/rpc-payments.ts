import {
  CHECKOUT_RPC,
  type AutoReloadView,
  type ChargeTopUp,
  type ConfigureAutoReload,
  type PaymentMethodView,
  type ResolveTopUp,
  type SetupPageRequest,
  type TopUpListQuery,
  type TopUpPage,
  type TopUpView,
} from '@orbit/contracts';
import type { Payments } from './payment-ports.js';
import { STRIPE_CALL_TIMEOUT_MS, type Rpc } from '../../edge/rpc/rpc-services.js';

/** The terms of auto-reload stand beside balances; a slow checkout must not slow those down for long. */
const TERMS_TIMEOUT_MS = 1_500;

export class RpcPayments implements Payments {
  constructor(private readonly rpc: Rpc) {}

  chargeTopUp(request: ChargeTopUp): Promise<TopUpView> {
    return this.rpc.call(CHECKOUT_RPC.chargeTopUp, request, STRIPE_CALL_TIMEOUT_MS);
  }

  readTopUp(organizationId: string, topupId: string): Promise<TopUpView | null> {
    const payload = { organization_id: organizationId, topup_id: topupId };
    return this.rpc.call(CHECKOUT_RPC.readTopUp, payload);
  }

  listTopUps(query: TopUpListQuery): Promise<TopUpPage> {
    return this.rpc.call(CHECKOUT_RPC.listTopUps, query);
  }

  resolveTopUp(request: ResolveTopUp): Promise<TopUpView> {
    return this.rpc.call(CHECKOUT_RPC.resolveTopUp, request);
  }

  listPaymentMethods(organizationId: string): Promise<readonly PaymentMethodView[]> {
    const payload = { organization_id: organizationId };
    return this.rpc.call(CHECKOUT_RPC.listPaymentMethods, payload, STRIPE_CALL_TIMEOUT_MS);
  }

  setDefaultPaymentMethod(organizationId: string, methodId: string): Promise<PaymentMethodView> {
    const payload = { organization_id: organizationId, payment_method_id: methodId };
    return this.rpc.call(CHECKOUT_RPC.setDefaultPaymentMethod, payload, STRIPE_CALL_TIMEOUT_MS);
  }

  detachPaymentMethod(organizationId: string, methodId: string): Promise<PaymentMethodView> {
    const payload = { organization_id: organizationId, payment_method_id: methodId };
    return this.rpc.call(CHECKOUT_RPC.detachPaymentMethod, payload, STRIPE_CALL_TIMEOUT_MS);
  }

  setupPaymentMethod(request: SetupPageRequest): Promise<{ readonly url: string }> {
    return this.rpc.call(CHECKOUT_RPC.setupPaymentMethod, request, STRIPE_CALL_TIMEOUT_MS);
  }

  readAutoReload(organizationId: string): Promise<AutoReloadView> {
    const payload = { organization_id: organizationId };
    return this.rpc.call(CHECKOUT_RPC.readAutoReload, payload, TERMS_TIMEOUT_MS);
  }

  configureAutoReload(request: ConfigureAutoReload): Promise<AutoReloadView> {
    return this.rpc.call(CHECKOUT_RPC.configureAutoReload, request, STRIPE_CALL_TIMEOUT_MS);
  }

  resumeAutoReload(organizationId: string): Promise<AutoReloadView> {
    const payload = { organization_id: organizationId };
    return this.rpc.call(CHECKOUT_RPC.resumeAutoReload, payload, STRIPE_CALL_TIMEOUT_MS);
  }
}
