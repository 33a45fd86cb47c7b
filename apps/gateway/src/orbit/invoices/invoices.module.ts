import type { Feature } from '@orbit/runtime';
import type { GatewayPorts } from '../../gateway.ports.js';
import { CreditNotesController, InvoicesController, PUBLIC_URL } from './invoices.controller.js';

/** Receipts and credit notes; invoicing answers. */
export const invoicesFeature = ({ publicUrl }: Pick<GatewayPorts, 'publicUrl'>): Feature => ({
  controllers: [InvoicesController, CreditNotesController],
  providers: [{ provide: PUBLIC_URL, useValue: publicUrl }],
});
