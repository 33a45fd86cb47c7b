import {
  OrbitError,
  type DocumentPage,
  type PortalView,
  type SetupPageRequest,
} from '@orbit/contracts';
import type { Clients } from '../edge/rpc/clients.js';

/** Pages of customers, as the services would answer. */
export class FakeCustomerPages {
  readonly pages = new Map<string, DocumentPage>();
  readonly portals = new Map<string, PortalView>();
  readonly setups: SetupPageRequest[] = [];
  /** Whether Stripe cannot be asked. */
  isCheckoutAway = false;

  clients(
    methods: Clients['paymentMethods'],
  ): Pick<Clients, 'documents' | 'balanceSteps' | 'paymentMethods'> {
    return {
      documents: {
        page: async ({ token }) => this.pages.get(token) ?? null,
        pdf: async ({ token, kind }) => {
          const page = this.pages.get(token);
          if (!page || kind !== 'invoice') return null;
          return { filename: `${page.number}.pdf`, content_base64: btoa('%PDF-1.7') };
        },
        portal: async ({ token }) => this.portals.get(token) ?? null,
      },
      balanceSteps: {
        balances: async () => [{ currency: 'USD', balance: '12.50' }],
        // Only alerts look at steps.
        after: async () => [],
        last: async () => Promise.reject(new OrbitError('unavailable', 'nobody asks for it')),
      },
      paymentMethods: {
        ...methods,
        list: async (of) => {
          if (this.isCheckoutAway) throw new OrbitError('unavailable', 'checkout is away');
          return methods.list(of);
        },
        setup: async (request) => {
          this.setups.push(request);
          return methods.setup(request);
        },
      },
    };
  }
}
