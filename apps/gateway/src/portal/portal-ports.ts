import type {
  DocumentKind,
  DocumentPage,
  InvoicePdf,
  PaymentMethodView,
  PortalView,
  SetupPageRequest,
  WalletBalance,
} from '@orbit/contracts';

export const CUSTOMER_PAGES = Symbol('CustomerPages');

/** Pages that customers open by a link. Errors: OrbitError `unavailable`, `timeout`; for payment methods what checkout throws. */
export interface CustomerPages {
  /** Null: there is no such link. */
  page(token: string): Promise<DocumentPage | null>;
  pdf(token: string, kind: DocumentKind): Promise<InvoicePdf | null>;
  /** Null: there is no such session, or it has ended. */
  portal(token: string): Promise<PortalView | null>;
  balances(customerId: string): Promise<readonly WalletBalance[]>;
  paymentMethods(customerId: string): Promise<readonly PaymentMethodView[]>;
  setupPaymentMethod(request: SetupPageRequest): Promise<{ readonly url: string }>;
}
