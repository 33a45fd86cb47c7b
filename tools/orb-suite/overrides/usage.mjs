import { instant, unique } from '../fixtures.mjs';
import { customerOf, oneName } from './shared.mjs';

export const USAGE = {
  ingest: {
    query: (f, { query }) => {
      query.delete('backfill_id');
      return query;
    },
    body: (f, body) => ({
      events: body.events.map((event) =>
        oneName({
          ...event,
          ...{ timestamp: instant(-0.01), idempotency_key: unique('event') },
          ...(event.customer_id || event.external_customer_id
            ? {}
            : { external_customer_id: 'suite-anybody' }),
        }),
      ),
    }),
  },
  'search-events': {
    body: async (f, body) => ({
      event_ids: [(await f.of('event')).id],
      ...(body.timeframe_start ? { timeframe_start: instant(-2), timeframe_end: instant(0) } : {}),
    }),
  },
  'get-event-volume': {
    query: (f, { query }) => {
      query.set('timeframe_start', instant(-2));
      if (query.has('timeframe_end')) query.set('timeframe_end', instant(0));
      return query;
    },
  },
  'amend-event': {
    // An amendment keeps the instant of its event.
    path: async (f, given) => {
      given.event = await f.make('event');
      return { event_id: given.event.id };
    },
    body: async (f, body, ready, { event }) => ({
      ...{ event_name: 'request', properties: { region: 'us' }, timestamp: event.timestamp },
      external_customer_id: (await f.of('customer')).external_customer_id,
    }),
  },
  'create-backfill': {
    body: async (f, body) => {
      const start = f.backfillStart();
      return {
        customer_id: await customerOf(f),
        timeframe_start: start,
        timeframe_end: new Date(Date.parse(start) + 3_600_000).toISOString(),
        ...(body.replace_existing_events === undefined ? {} : { replace_existing_events: true }),
        ...(body.deprecation_filter ? { deprecation_filter: body.deprecation_filter } : {}),
        ...(body.close_time ? { close_time: instant(1) } : {}),
      };
    },
  },
  'revert-backfill': { path: async (f) => ({ backfill_id: (await f.make('closedBackfill')).id }) },
};
