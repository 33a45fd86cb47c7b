import { NO_FAULTS, type Faults } from './faults.js';
import type { FormObject } from '../http/form.js';
import type { JsonObject } from '../http/json.js';
import {
  flag,
  integer,
  list,
  object,
  oneOf,
  readParams,
  required,
  text,
  type ParamsOf,
} from '../http/params.js';

const HOUR_MS = 3_600_000;

const faultsShape = {
  webhook_delay_ms: integer(0, HOUR_MS),
  webhook_jitter_ms: integer(0, HOUR_MS),
  webhook_duplicate: text(10),
  webhook_drop: text(10),
  webhook_reorder: flag(),
  webhook_types: list(required(text(100)), 50),
  next_error: object({
    status: required(integer(0, 599)),
    code: text(100),
    count: integer(0, 1_000_000),
    after: flag(),
    delay_ms: integer(0, HOUR_MS),
    path: text(200),
    method: oneOf('GET', 'POST', 'DELETE'),
  }),
  debit_settle_ms: integer(-1, 24 * HOUR_MS),
  next_refund: object({
    outcome: required(oneOf('succeeded', 'failed')),
    count: integer(0, 1_000_000),
    settle_ms: integer(-1, 24 * HOUR_MS),
  }),
} as const;

/** Sets what is named and leaves the rest as it is. */
export function changeFaults(before: Faults, form: FormObject): Faults {
  const given = readParams(faultsShape, form);
  return {
    webhookDelayMs: given.webhook_delay_ms ?? before.webhookDelayMs,
    webhookJitterMs: given.webhook_jitter_ms ?? before.webhookJitterMs,
    webhookDuplicates:
      readCount(given.webhook_duplicate, 'webhook_duplicate', 1) ?? before.webhookDuplicates,
    webhookDrops: readCount(given.webhook_drop, 'webhook_drop', -1) ?? before.webhookDrops,
    webhookReorder: given.webhook_reorder ?? before.webhookReorder,
    webhookTypes: given.webhook_types ?? before.webhookTypes,
    nextError: nextErrorOf(given.next_error) ?? before.nextError,
    debitWaitMs: given.debit_settle_ms ?? before.debitWaitMs,
    nextRefund: nextRefundOf(given.next_refund) ?? before.nextRefund,
  };
}

type Given = ParamsOf<typeof faultsShape>;

/** Undefined: not given. A count of 0 switches it off. */
function nextErrorOf(given: Given['next_error']): Faults['nextError'] | undefined {
  if (given === undefined) return undefined;
  if (given.count === 0) return NO_FAULTS.nextError;
  return {
    status: given.status,
    code: given.code ?? null,
    count: given.count ?? 1,
    after: given.after ?? false,
    delayMs: given.delay_ms ?? 0,
    path: given.path ?? null,
    method: given.method ?? null,
  };
}

function nextRefundOf(given: Given['next_refund']): Faults['nextRefund'] | undefined {
  if (given === undefined) return undefined;
  if (given.count === 0) return NO_FAULTS.nextRefund;
  const { outcome, count = 1, settle_ms: waitMs = 0 } = given;
  return { outcome, count, waitMs };
}

/** `true` stands for `meaningOfTrue`, `false` for 0, digits for themselves. */
function readCount(
  given: string | undefined,
  param: string,
  meaningOfTrue: number,
): number | undefined {
  if (given === undefined) return undefined;
  if (given === 'true') return meaningOfTrue;
  if (given === 'false') return 0;
  return integer(-1, 1_000)(given, param);
}

export function faultsToResponse(faults: Faults): JsonObject {
  const { nextError, nextRefund } = faults;
  return {
    webhook_delay_ms: faults.webhookDelayMs,
    webhook_jitter_ms: faults.webhookJitterMs,
    webhook_duplicate: faults.webhookDuplicates,
    webhook_drop: faults.webhookDrops,
    webhook_reorder: faults.webhookReorder,
    webhook_types: faults.webhookTypes,
    next_error:
      nextError === null
        ? null
        : {
            status: nextError.status,
            code: nextError.code,
            count: nextError.count,
            after: nextError.after,
            delay_ms: nextError.delayMs,
            path: nextError.path,
            method: nextError.method,
          },
    debit_settle_ms: faults.debitWaitMs,
    next_refund:
      nextRefund === null
        ? null
        : {
            outcome: nextRefund.outcome,
            count: nextRefund.count,
            settle_ms: nextRefund.waitMs,
          },
  };
}
