import type { Clock } from '@orbit/kernel';
import type { FastifyRequest } from 'fastify';

export interface Meta {
  readonly request_id: string;
  readonly timestamp: string;
}

export interface Envelope<T> {
  readonly data: T;
  readonly meta: Meta;
}

/** Wraps what a controller answers. A call, not an interceptor: those cost a third of the throughput. */
export class Envelopes {
  constructor(private readonly clock: Clock) {}

  wrap<T>(request: FastifyRequest, data: T): Envelope<T> {
    return { data, meta: this.meta(request) };
  }

  meta(request: FastifyRequest): Meta {
    return { request_id: request.id, timestamp: new Date(this.clock.nowMs()).toISOString() };
  }
}
