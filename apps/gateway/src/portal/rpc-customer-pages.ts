import {
  BALANCE_STEPS,
  DOCUMENTS_RPC,
  PAYMENT_METHODS,
  rpcClient,
  type Client,
  type DocumentKind,
  type DocumentPage,
  type InvoicePdf,
  type PaymentMethodView,
  type PortalView,
  type SetupPageRequest,
  type WalletBalance,
} from '@orbit/contracts';
import type { Rpc } from '../edge/rpc/rpc-services.js';
import type { CustomerPages } from './portal-ports.js';

/** The first PDF after a start reads the fonts, which takes seconds of a busy processor. */
const PDF_TIMEOUT_MS = 20_000;

/** Pages of customers, at the services that own what they show. */
export class RpcCustomerPages implements CustomerPages {
  private readonly methods: Client<typeof PAYMENT_METHODS>;

  constructor(
    private readonly services: {
      readonly invoicing: Rpc;
      readonly walletLedger: Rpc;
      readonly checkout: Rpc;
    },
  ) {
    this.methods = rpcClient(PAYMENT_METHODS, services.checkout);
  }

  page(token: string): Promise<DocumentPage | null> {
    return this.services.invoicing.call(DOCUMENTS_RPC.page, { token });
  }

  pdf(token: string, kind: DocumentKind): Promise<InvoicePdf | null> {
    return this.services.invoicing.call(DOCUMENTS_RPC.pdf, { token, kind }, PDF_TIMEOUT_MS);
  }

  portal(token: string): Promise<PortalView | null> {
    return this.services.invoicing.call(DOCUMENTS_RPC.portal, { token });
  }

  balances(customerId: string): Promise<readonly WalletBalance[]> {
    const question = { organization_id: customerId };
    return rpcClient(BALANCE_STEPS, this.services.walletLedger).balances(question);
  }

  paymentMethods(customerId: string): Promise<readonly PaymentMethodView[]> {
    return this.methods.list({ organization_id: customerId });
  }

  setupPaymentMethod(request: SetupPageRequest): Promise<{ readonly url: string }> {
    return this.methods.setup(request);
  }
}
