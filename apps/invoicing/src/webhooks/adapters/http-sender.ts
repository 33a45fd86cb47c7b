import { lookup as resolve, type LookupAddress } from 'node:dns';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Clock } from '@orbit/kernel';
import { currentTrace, inSpan } from '@orbit/runtime';
import type { Attempt, DueDelivery, Sender } from '../application/ports.js';
import { isPrivateAddress } from '../domain/endpoint-url.js';

/** A receiver that takes longer gets another attempt later. */
const ANSWER_MS_MAX = 5_000;
const RESPONSE_BYTES_KEPT = 2_048;
const PRIVATE = 'The host is of a private network, where events of a live account do not go.';

/** Sends webhooks over HTTP: no redirects, no more of an answer than its beginning, and to whom they may go alone. */
export class HttpSender implements Sender {
  constructor(private readonly clock: Clock) {}

  /** The receiver can join the trace that made the event happen. */
  send(due: DueDelivery, headers: Readonly<Record<string, string>>): Promise<Attempt> {
    const options = { kind: 'client', parent: due.trace } as const;
    return inSpan('send webhook', options, () =>
      this.attempt(due, { ...headers, ...currentTrace() }),
    );
  }

  private async attempt(
    due: DueDelivery,
    headers: Readonly<Record<string, string>>,
  ): Promise<Attempt> {
    const attemptedAtMs = this.clock.nowMs();
    const end = (result: Pick<Attempt, 'status' | 'error' | 'response'>): Attempt => ({
      attemptedAtMs,
      latencyMs: Math.max(0, this.clock.nowMs() - attemptedAtMs),
      ...result,
    });
    try {
      const answer = await post(due, headers);
      return end({ ...answer, error: null });
    } catch (error) {
      const text = error instanceof Error ? error.message || error.name : String(error);
      return end({ status: null, error: text.slice(0, 500), response: null });
    }
  }
}

function post(
  { url, body, mayBePrivate }: DueDelivery,
  headers: Readonly<Record<string, string>>,
): Promise<{ status: number; response: string }> {
  const address = new URL(url);
  const host = address.hostname.replace(/^\[|\]$/g, '');
  if (!mayBePrivate && isIP(host) !== 0 && isPrivateAddress(host)) throw new Error(PRIVATE);
  const request = address.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolveAnswer, reject) => {
    const sent = request(
      address,
      {
        method: 'POST',
        // A connection of its own: one that a receiver has closed meanwhile would look like a failure.
        agent: false,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'orbit-billing-webhooks',
          ...headers,
        },
        ...(mayBePrivate ? {} : { lookup: publicOnly }),
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      },
      (answer) => {
        readStart(answer).then(
          (response) => resolveAnswer({ status: answer.statusCode ?? 0, response }),
          reject,
        );
      },
    );
    sent.on('error', (error) => {
      const isLate = error.name === 'TimeoutError' || error.name === 'AbortError';
      reject(isLate ? new Error(`No answer within ${ANSWER_MS_MAX / 1_000} seconds.`) : error);
    });
    sent.end(body);
  });
}

/** The beginning of a body; the rest is not waited for. */
async function readStart(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    parts.push(part);
    bytes += part.length;
    if (bytes >= RESPONSE_BYTES_KEPT) break;
  }
  answer.destroy();
  const text = Buffer.concat(parts).subarray(0, RESPONSE_BYTES_KEPT).toString('utf8');
  // PostgreSQL stores no NUL.
  return text.replaceAll('\0', '\uFFFD');
}

/** A name is looked at when it is called, not when it was given: it may lead somewhere else by then. */
const publicOnly: LookupFunction = (host, options, done) => {
  resolve(host, { ...options, all: true }, (error, found: LookupAddress[]) => {
    if (error) return done(error, []);
    const isPrivate = found.some(({ address }) => isPrivateAddress(address));
    if (isPrivate || found.length === 0) return done(new Error(PRIVATE), []);
    if (options.all) return done(null, found);
    const [{ address, family }] = found as [LookupAddress];
    done(null, address, family);
  });
};
