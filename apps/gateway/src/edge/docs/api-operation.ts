import { applyDecorators } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import type { ErrorCode, Operation, Shape } from '@orbit/contracts';
import { ApiAnswer, ApiErrors } from './api-docs.js';
import { modelOf } from './shape-model.js';

const OF_FIELDS: readonly ErrorCode[] = ['invalid_field', 'unknown_field'];
const OF_A_BODY: readonly ErrorCode[] = [...OF_FIELDS, 'malformed_json'];

interface RouteDocs {
  readonly summary: string;
  /** More than the summary says, where that is needed. */
  readonly description?: string;
  /** Default: 200. */
  readonly status?: number;
  /** The answer, in words. */
  readonly answers: string;
  /** Its shape where that is not the operation's own answer. */
  readonly shows?: Shape<unknown>;
  readonly isReplayable?: boolean;
  /** The part of the request that is read: its fields may be wrong. */
  readonly reads?: 'body' | 'query';
  /** Besides the operation's own. */
  readonly errors?: readonly ErrorCode[];
}

/** Documents a route that passes an operation of another service on: its answer and its errors are the operation's. */
export function ApiOf(operation: Operation<unknown, unknown>, docs: RouteDocs): MethodDecorator {
  const { summary, status = 200, answers, shows = operation.answer, reads, errors = [] } = docs;
  const { description, isReplayable = false } = docs;
  const isArray = shows.items !== undefined;
  const isNullable = shows.anyOf !== undefined;
  const item = shows.items ?? shows.anyOf?.[0] ?? shows;
  const ofFields = reads === undefined ? [] : reads === 'body' ? OF_A_BODY : OF_FIELDS;
  return applyDecorators(
    ApiOperation({ summary, ...(description !== undefined && { description }) }),
    ApiAnswer(status, modelOf(item), answers, { isArray, isNullable, isReplayable }),
    ApiErrors(...new Set([...ofFields, ...operation.errors, ...errors])),
  );
}
