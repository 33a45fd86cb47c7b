import type { JsonObject } from './json.js';
import { StripeError } from './stripe-error.js';
import { expandAnswer } from './expand.js';
import type { Sandbox } from '../world/sandbox.js';
import type { Work } from '../world/work.js';

export interface ApiRequest {
  readonly requestId: string;
  /** Null: not given, or a method that needs none. */
  readonly idempotencyKey: string | null;
  /** SHA-256 of method, path and parameters. */
  readonly requestHash: string;
  readonly expand: readonly string[];
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: JsonObject;
  /** Set when an earlier request with the same key gave this answer: its request id. */
  readonly replayedFrom: string | null;
}

/**
 * Runs one API request in one transaction. With an idempotency key the answer is stored in that same
 * transaction, so an effect and its answer are kept together or not at all; a request that was refused
 * before it did anything leaves its key free, as Stripe does.
 */
export function answerRequest(
  sandbox: Sandbox,
  request: ApiRequest,
  run: (work: Work) => Promise<JsonObject | StripeError>,
): Promise<ApiAnswer> {
  const { requestId, idempotencyKey } = request;
  return sandbox.run(
    async (work) => {
      if (idempotencyKey !== null) {
        const replay = await readReplay(work, idempotencyKey, request.requestHash);
        if (replay !== null) return replay;
      }
      const result = await run(work);
      const answer: ApiAnswer =
        result instanceof StripeError
          ? { status: result.status, body: result.toBody(requestId), replayedFrom: null }
          : {
              status: 200,
              body: await expandAnswer(work, result, request.expand),
              replayedFrom: null,
            };
      if (idempotencyKey !== null) {
        await work.tx.answerKey(idempotencyKey, {
          requestId,
          status: answer.status,
          body: answer.body,
        });
      }
      return answer;
    },
    { requestId, idempotencyKey },
  );
}

async function readReplay(work: Work, key: string, requestHash: string): Promise<ApiAnswer | null> {
  const stored = await work.tx.claimKey(key, requestHash, work.nowMs);
  if (stored === null) return null;
  if (stored.requestHash !== requestHash) {
    throw new StripeError(
      400,
      'idempotency_error',
      'Keys for idempotent requests can only be used with the same parameters they were first used ' +
        `with. Try using a key other than '${key}' if you meant to execute a different request.`,
    );
  }
  return { status: stored.status, body: stored.body, replayedFrom: stored.requestId };
}
