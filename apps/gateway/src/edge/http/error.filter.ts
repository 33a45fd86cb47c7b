import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { ERROR_CATALOGUE, OrbitError, type ErrorCode } from '@orbit/contracts';
import { isConnectionFailure, type Logger } from '@orbit/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Envelopes } from './envelope.js';
import { methodRefusal, type KnownRoutes } from './known-routes.js';

/** The code and message for a refusal by the framework, by HTTP status. */
const CODE_OF_STATUS: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  400: ['malformed_json', 'The request cannot be read.'],
  403: ['unknown_route', 'There is no such route. See /api/docs.'],
  413: ['body_too_large', 'The body is larger than 1 MiB.'],
  414: ['unknown_route', 'The path is too long.'],
  415: ['unsupported_media_type', 'Send Content-Type: application/json.'],
};

/** Seconds a client waits before it repeats, where the error does not say. */
const RETRY_AFTER_SECONDS = 1;

/** The one place where an error becomes HTTP, by the catalogue. Causes and stacks go to the log only. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(
    private readonly envelopes: Envelopes,
    private readonly routes: KnownRoutes,
    private readonly logger: Logger,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (reply.sent || reply.raw.headersSent) return;
    const error = this.toOrbitError(thrown, request, reply);
    const { status, type, retryable } = ERROR_CATALOGUE[error.code];
    if (retryable || error.retryAfterSeconds !== undefined) {
      reply.header('retry-after', error.retryAfterSeconds ?? RETRY_AFTER_SECONDS);
    }
    if (status >= 500) {
      const level = status === 500 ? 'error' : 'warn';
      const fields = { request_id: request.id, code: error.code, err: error.cause ?? error };
      this.logger[level](fields, 'request failed');
    }
    const { code, message, param, details } = error;
    const body = {
      ...{ type, code, message },
      ...(param === undefined ? {} : { param }),
      ...(details === undefined ? {} : { details }),
    };
    void reply
      .code(status)
      .header('content-type', 'application/json; charset=utf-8')
      .send({ error: body, meta: this.envelopes.meta(request) });
  }

  private toOrbitError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): OrbitError {
    if (thrown instanceof OrbitError) return thrown;
    const status = statusOf(thrown);
    if (status === 404) return this.unknownRoute(request, reply);
    const known = CODE_OF_STATUS[status];
    if (known) return new OrbitError(known[0], known[1], { cause: thrown });
    if (isConnectionFailure(thrown)) {
      return new OrbitError('unavailable', 'A part of the system is temporarily unavailable.', {
        cause: thrown,
      });
    }
    const message = 'A bug on our side. Report the request id.';
    return new OrbitError('internal', message, { cause: thrown });
  }

  private unknownRoute(request: FastifyRequest, reply: FastifyReply): OrbitError {
    const path = request.url.split('?', 1)[0] ?? '';
    const methods = this.routes.methodsOf(path);
    if (methods.length === 0 || methods.includes(request.method)) {
      return new OrbitError('unknown_route', 'There is no such route. See /api/docs.');
    }
    reply.header('allow', methods.join(', '));
    return new OrbitError('method_not_allowed', methodRefusal(methods, request.method));
  }
}

function statusOf(thrown: unknown): number {
  if (thrown instanceof HttpException) return thrown.getStatus();
  if (typeof thrown !== 'object' || thrown === null) return 500;
  const { statusCode } = thrown as { statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : 500;
}
