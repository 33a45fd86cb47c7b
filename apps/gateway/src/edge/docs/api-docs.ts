import { applyDecorators, type Type } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiParam,
  ApiProperty,
  ApiPropertyOptional,
  ApiResponse,
  getSchemaPath,
} from '@nestjs/swagger';
import { ERROR_CATALOGUE, type ErrorCode, type ErrorDetails } from '@orbit/contracts';

/** Of which request an answer is the answer, and when it was given. */
export class MetaModel {
  @ApiProperty({ example: 'req_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  request_id!: string;

  @ApiProperty({ example: '2026-05-16T12:00:00.000Z', format: 'date-time' })
  timestamp!: string;
}

export class ErrorModel {
  @ApiProperty({
    enum: [...new Set(Object.values(ERROR_CATALOGUE).map(({ type }) => type))],
    description: 'The coarse class, for a switch.',
  })
  type!: string;

  @ApiProperty({ enum: Object.keys(ERROR_CATALOGUE), description: 'The precise reason.' })
  code!: string;

  @ApiProperty({ description: 'One sentence for a person.' })
  message!: string;

  @ApiPropertyOptional({ description: 'The field at fault.', example: 'amount' })
  param?: string;

  @ApiPropertyOptional({
    description: 'Structured details, by error code.',
    type: 'object',
    additionalProperties: { oneOf: [{ type: 'string', nullable: true }, { type: 'integer' }] },
    example: { max_refundable: '75.00', max_refundable_minor: 7500 },
  })
  details?: ErrorDetails;
}

export class ErrorEnvelopeModel {
  @ApiProperty({ type: ErrorModel })
  error!: ErrorModel;

  @ApiProperty({ type: MetaModel })
  meta!: MetaModel;
}

const META = { $ref: getSchemaPath(MetaModel) };

/** Documents a text of the path that names an object. */
export const ApiPathId = (name: string): MethodDecorator =>
  ApiParam({ name, schema: { type: 'string' } });

/** Documents `{data, meta}` around a model. */
export function ApiAnswer<T>(
  status: number,
  model: Type<T>,
  description: string,
  options: { isArray?: boolean; isNullable?: boolean; isReplayable?: boolean } = {},
): MethodDecorator {
  const reference = { $ref: getSchemaPath(model) };
  const item = options.isNullable ? { nullable: true, allOf: [reference] } : reference;
  const data = options.isArray ? { type: 'array' as const, items: item } : item;
  const replayed = {
    'Idempotency-Replayed': {
      description: '`true` when this is the first answer, given again.',
      schema: { type: 'string', enum: ['true'] },
    },
  };
  return applyDecorators(
    ApiExtraModels(model, MetaModel),
    ApiResponse({
      status,
      description,
      headers: options.isReplayable ? replayed : {},
      schema: {
        type: 'object' as const,
        required: ['data', 'meta'],
        properties: { data, meta: META },
      },
    }),
  );
}

/** Documents which errors of the catalogue a route answers besides those that every route does. */
export function ApiErrors(...codes: readonly ErrorCode[]): MethodDecorator & ClassDecorator {
  const codesByStatus = new Map<number, ErrorCode[]>();
  // Wherever a key opens, it may lack the scope, and an address may have sent too many wrong ones.
  const opensByKey = codes.includes('invalid_api_key');
  for (const code of opensByKey
    ? [...new Set([...codes, 'missing_scope', 'too_many_wrong_keys'] as const)]
    : codes) {
    const { status } = ERROR_CATALOGUE[code];
    codesByStatus.set(status, [...(codesByStatus.get(status) ?? []), code]);
  }
  const responses = [...codesByStatus].map(([status, listed]) =>
    ApiResponse({
      status,
      description: listed.map((code) => `\`${code}\`: ${ERROR_CATALOGUE[code].help}`).join('\n\n'),
      schema: { $ref: getSchemaPath(ErrorEnvelopeModel) },
      examples: Object.fromEntries(
        listed.map((code) => [code, { summary: code, value: exampleOf(code) }]),
      ),
    }),
  );
  return applyDecorators(ApiExtraModels(ErrorEnvelopeModel), ...responses);
}

const exampleOf = (code: ErrorCode): Record<string, unknown> => ({
  error: { type: ERROR_CATALOGUE[code].type, code, message: ERROR_CATALOGUE[code].help },
  meta: { request_id: 'req_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B', timestamp: '2026-05-16T12:00:00.000Z' },
});
