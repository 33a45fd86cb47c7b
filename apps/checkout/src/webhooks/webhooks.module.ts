import type { Clock } from '@orbit/kernel';
import { reportOutbox } from '@orbit/metrics';
import { instances, type Feature } from '@orbit/runtime';
import { PRUNE_INTERVAL_MS, RELAY_INTERVAL_MS } from '../checkout.config.js';
import type { KafkaTopUpEvents } from '../topups/adapters/kafka-topup-events.js';
import type { PostgresInbox } from '../topups/adapters/postgres-inbox.js';
import type { PostgresOutbox } from '../topups/adapters/postgres-outbox.js';
import { RelayWake } from '../topups/adapters/wakes.js';
import { measuredHandlers, measuredSignatures } from './adapters/measured-webhooks.js';
import { WebhookController } from './adapters/webhook.controller.js';
import { PruneEvents } from './application/prune-events.js';
import { ReceiveWebhook } from './application/receive-webhook.js';
import { RelayOutbox } from './application/relay-outbox.js';

type Receive = ConstructorParameters<typeof ReceiveWebhook>;

export interface WebhookParts {
  readonly signatures: Receive[0];
  /** Of the features, each for the events that it knows. */
  readonly handlers: Receive[2];
  readonly inbox: PostgresInbox;
  readonly outbox: PostgresOutbox;
  readonly events: KafkaTopUpEvents;
  readonly applyPayment: Receive[3];
  readonly clock: Clock;
  readonly log: Receive[5];
}

/** With what other features and tests run by hand. */
export interface WebhooksFeature extends Feature {
  readonly receiveWebhook: ReceiveWebhook;
  readonly relay: RelayOutbox;
  readonly prune: PruneEvents;
}

/** Webhooks of Stripe: an inbox on the way in, an outbox on the way out. */
export function webhooksFeature(parts: WebhookParts): WebhooksFeature {
  const { inbox, outbox, events, applyPayment, clock, log } = parts;
  const receiveWebhook = new ReceiveWebhook(
    measuredSignatures(parts.signatures),
    inbox,
    measuredHandlers(parts.handlers),
    applyPayment,
    clock,
    log,
  );
  const relay = new RelayOutbox(outbox, events.publish.bind(events), clock);
  const prune = new PruneEvents(inbox, outbox, clock);
  const relayWake = new RelayWake();
  let endReading = (): void => undefined;
  return {
    controllers: [WebhookController],
    providers: instances(receiveWebhook, relayWake),
    jobs: [
      {
        ...{ name: 'relay', intervalMs: RELAY_INTERVAL_MS, wokenBy: relayWake },
        run: () => relay.run(),
      },
      { name: 'prune', intervalMs: PRUNE_INTERVAL_MS, run: () => prune.run() },
    ],
    start: () => {
      endReading = reportOutbox(() => outbox.kept.state());
    },
    stop: () => endReading(),
    receiveWebhook,
    relay,
    prune,
  };
}
