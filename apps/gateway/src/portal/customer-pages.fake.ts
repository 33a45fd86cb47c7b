import {
  OrbitError,
  type DocumentKind,
  type DocumentPage,
  type InvoicePdf,
  type PaymentMethodView,
  type PortalView,
  type SetupPageRequest,
  type WalletBalance,
} from '@orbit/contracts';
import type { CustomerPages } from './portal-ports.js';

/** Pages of customers, as the services would answer. */
export class FakeCustomerPages implements CustomerPages {
  readonly pages = new Map<string, DocumentPage>();
  readonly portals = new Map<string, PortalView>();
  readonly setups: SetupPageRequest[] = [];
  /** Whether Stripe cannot be asked. */
  isCheckoutAway = false;

  page(token: string): Promise<DocumentPage | null> {
    return Promise.resolve(this.pages.get(token) ?? null);
  }

  pdf(token: string, kind: DocumentKind): Promise<InvoicePdf | null> {
    const page = this.pages.get(token);
    if (!page || kind !== 'invoice') return Promise.resolve(null);
    const content_base64 = Buffer.from('%PDF-1.7').toString('base64');
    return Promise.resolve({ filename: `${page.number}.pdf`, content_base64 });
  }

  portal(token: string): Promise<PortalView | null> {
    return Promise.resolve(this.portals.get(token) ?? null);
  }

  balances(): Promise<readonly WalletBalance[]> {
    return Promise.resolve([{ currency: 'USD', balance: '12.50' }]);
  }

  paymentMethods(): Promise<readonly PaymentMethodView[]> {
    if (this.isCheckoutAway)
      return Promise.reject(new OrbitError('unavailable', 'checkout is away'));
    return Promise.resolve([]);
  }

  setupPaymentMethod(request: SetupPageRequest): Promise<{ readonly url: string }> {
    this.setups.push(request);
    return Promise.resolve({ url: 'https://checkout.stripe.test/c/setup' });
  }
}
