import { Catch, type RpcExceptionFilter } from '@nestjs/common';
import { OrbitError } from '@orbit/contracts';
import { throwError, type Observable } from 'rxjs';
import { isConnectionFailure } from '../connection-failure.js';
import type { Logger } from '../logger.js';
import { toWireError } from './rpc-error.js';

/**
 * The error that an RPC caller gets when a handler throws. An OrbitError goes over as it is, a lost connection
 * becomes `unavailable` so that the caller repeats, all else is our bug: `internal` outside, a stack in the log.
 */
@Catch()
export class OrbitRpcFilter implements RpcExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(exception: unknown): Observable<never> {
    const error = this.toOrbitError(exception);
    return throwError(() => toWireError(error));
  }

  private toOrbitError(exception: unknown): OrbitError {
    if (exception instanceof OrbitError) {
      if (exception.code === 'internal')
        this.logger.error({ err: exception }, 'RPC handler failed');
      return exception;
    }
    if (isConnectionFailure(exception)) {
      this.logger.warn({ err: exception }, 'RPC handler lost a connection');
      return new OrbitError('unavailable', 'A part of the system is temporarily unavailable.');
    }
    this.logger.error({ err: exception }, 'RPC handler failed');
    return new OrbitError('internal', 'Something went wrong on our side.');
  }
}
