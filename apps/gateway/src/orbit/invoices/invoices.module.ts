import { instances, type Feature } from '@orbit/runtime';
import type { GatewayPorts } from '../../gateway.ports.js';
import { ReadHistory } from '../wallets/read-history.js';
import { CreditNotesController, InvoicesController, PUBLIC_URL } from './invoices.controller.js';

/** Receipts and credit notes. */
export const invoicesFeature = ({
  invoicing,
  publicUrl,
}: Pick<GatewayPorts, 'invoicing' | 'publicUrl'>): Feature => ({
  controllers: [InvoicesController, CreditNotesController],
  providers: [
    ...instances(new ReadHistory(invoicing)),
    { provide: PUBLIC_URL, useValue: publicUrl },
  ],
});
