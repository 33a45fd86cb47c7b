import { instances, type Feature } from '@orbit/runtime';
import { setTimeout as sleep } from 'node:timers/promises';
import { BOOKING_POLL_MS, BOOKING_WAIT_MS } from '../../gateway.config.js';
import type { GatewayPorts } from '../../gateway.ports.js';
import type { CaughtUp } from '../wallets/caught-up.js';
import { AutoReloadController } from './auto-reload.controller.js';
import { PaymentMethodsController } from './payment-methods.controller.js';
import { TopUpNow } from './top-up-now.js';
import { OperatorTopUpsController, TopUpsController } from './topups.controller.js';
import { WebhooksController } from './webhooks.controller.js';

/** Top-ups, saved payment methods, auto-reload, and the webhooks of Stripe. */
export function paymentsFeature(
  ports: Pick<GatewayPorts, 'clients' | 'clock' | 'bookingWaitMs'>,
  caughtUp: CaughtUp,
): Feature {
  const { clients, clock, bookingWaitMs = BOOKING_WAIT_MS } = ports;
  const wait = {
    timeoutMs: bookingWaitMs,
    pollMs: BOOKING_POLL_MS,
    sleep: (ms: number) => sleep(ms),
  };
  return {
    controllers: [
      TopUpsController,
      PaymentMethodsController,
      AutoReloadController,
      OperatorTopUpsController,
      WebhooksController,
    ],
    providers: instances(new TopUpNow(clients, caughtUp, clock, wait)),
  };
}
