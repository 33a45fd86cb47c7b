import type { Feature } from '@orbit/runtime';
import type { GatewayPorts } from '../gateway.ports.js';
import { CUSTOMER_PAGES } from './portal-ports.js';

/** Pages that customers open by a link (portal-pages.ts). */
export const portalFeature = ({ customerPages }: Pick<GatewayPorts, 'customerPages'>): Feature => ({
  providers: [{ provide: CUSTOMER_PAGES, useValue: customerPages }],
});
