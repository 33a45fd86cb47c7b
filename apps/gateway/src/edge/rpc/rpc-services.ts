import {
  CHECKOUT_RPC,
  INVOICES_RPC,
  USAGE_RPC,
  WALLET_RPC,
  type ChannelUsage,
  type ChargeOutcomeView,
  type CreateTopUp,
  type InvoicePage,
  type InvoicePdf,
  type TopUpCreated,
  type TransactionListQuery,
  type TransactionPage,
  type WalletRef,
  type WalletView,
} from '@orbit/contracts';
import type { Checkout, Invoicing, Ledger, Metering } from '../ports.js';

/** What these adapters need of `RpcClient`: one question, one answer, operating errors as OrbitError. */
export interface Rpc {
  call<T>(pattern: string, payload: unknown, timeoutMs?: number): Promise<T>;
}

/** Of calls behind which Stripe is asked; it may take several seconds. */
export const STRIPE_CALL_TIMEOUT_MS = 15_000;
/** The first PDF after a start reads the fonts, which takes seconds of a busy processor. */
const PDF_TIMEOUT_MS = 20_000;

export class RpcLedger implements Ledger {
  constructor(private readonly rpc: Rpc) {}

  openWallet(wallet: WalletRef & { readonly account_id: string }): Promise<WalletView> {
    return this.rpc.call(WALLET_RPC.open, wallet);
  }

  readWallet(wallet: WalletRef): Promise<WalletView | null> {
    return this.rpc.call(WALLET_RPC.read, wallet);
  }

  pauseWallet(wallet: WalletRef, paused: boolean): Promise<WalletView> {
    return this.rpc.call(WALLET_RPC.pause, { ...wallet, reason: 'manual', paused });
  }

  readCharge(organizationId: string, chargeId: string): Promise<ChargeOutcomeView | null> {
    const payload = { organization_id: organizationId, charge_id: chargeId };
    return this.rpc.call(WALLET_RPC.readCharge, payload);
  }

  listTransactions(query: TransactionListQuery): Promise<TransactionPage> {
    return this.rpc.call(WALLET_RPC.listTransactions, query);
  }
}

export class RpcCheckout implements Checkout {
  constructor(private readonly rpc: Rpc) {}

  createTopUp(topUp: CreateTopUp): Promise<TopUpCreated> {
    return this.rpc.call(CHECKOUT_RPC.createTopUp, topUp, STRIPE_CALL_TIMEOUT_MS);
  }

  /** Base64 keeps the bytes that Stripe signed as they came. */
  async acceptStripeWebhook(rawBody: Uint8Array, signature: string): Promise<void> {
    const payload = Buffer.from(rawBody).toString('base64');
    const event = { payload, signature };
    await this.rpc.call(CHECKOUT_RPC.stripeWebhook, event, STRIPE_CALL_TIMEOUT_MS);
  }
}

export class RpcMetering implements Metering {
  constructor(private readonly rpc: Rpc) {}

  readUsageByChannel(wallet: WalletRef, days: number): Promise<readonly ChannelUsage[]> {
    return this.rpc.call(USAGE_RPC.byChannel, { ...wallet, days });
  }
}

export class RpcInvoicing implements Invoicing {
  constructor(private readonly rpc: Rpc) {}

  listInvoices(organizationId: string, limit: number, afterId?: string): Promise<InvoicePage> {
    const after = afterId === undefined ? {} : { after_id: afterId };
    return this.rpc.call(INVOICES_RPC.list, { organization_id: organizationId, limit, ...after });
  }

  readPdf(organizationId: string, invoiceId: string): Promise<InvoicePdf | null> {
    const payload = { organization_id: organizationId, invoice_id: invoiceId };
    return this.rpc.call(INVOICES_RPC.pdf, payload, PDF_TIMEOUT_MS);
  }

  readCreditNotePdf(organizationId: string, creditNoteId: string): Promise<InvoicePdf | null> {
    const payload = { organization_id: organizationId, credit_note_id: creditNoteId };
    return this.rpc.call(INVOICES_RPC.creditNotePdf, payload, PDF_TIMEOUT_MS);
  }
}
