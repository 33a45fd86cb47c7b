import type { Type } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import type { Shape } from '@orbit/contracts';

const models = new WeakMap<object, Type>();

/** The class by which the OpenAPI document knows a shape of the contracts; one a shape, named by its title. */
export function modelOf(shape: Shape<unknown>): Type {
  const known = models.get(shape);
  if (known) return known;
  const name = shape.title ?? 'Model';
  const model = { [name]: class {} }[name] as Type;
  models.set(shape, model);
  for (const [field, inner] of Object.entries(shape.properties ?? {})) {
    const required = shape.required?.includes(field) && inner.default === undefined;
    const options = { ...optionsOf(inner), required: required ?? false } as ApiPropertyOptions;
    ApiProperty(options)(model.prototype as object, field);
  }
  return model;
}

/** How the document shows a field. Patterns of checks stay out of it, unless a simpler one is given. */
function optionsOf(shape: Shape<unknown>): ApiPropertyOptions {
  const { description, example, default: initial, anyOf } = shape;
  const notes = {
    ...(description !== undefined && { description }),
    ...(example !== undefined && { example }),
    ...(initial !== undefined && { default: initial }),
  };
  const isNullable = anyOf?.some(({ type }) => type === 'null') ?? false;
  const value = isNullable ? anyOf?.find(({ type }) => type !== 'null') : undefined;
  return value
    ? ({ ...formOf(value), ...notes, nullable: true } as ApiPropertyOptions)
    : ({ ...formOf(shape), ...notes } as ApiPropertyOptions);
}

function formOf(shape: Shape<unknown>): ApiPropertyOptions {
  if (shape.anyOf) return { type: Object, ...alternatives(shape.anyOf) } as ApiPropertyOptions;
  if (shape.enum) return { enum: [...shape.enum] };
  if (shape.type === 'array') return listOf(shape);
  if (shape.properties) return { type: modelOf(shape) };
  switch (shape.type) {
    case 'integer':
      return { type: 'integer', ...limits(shape, ['minimum', 'maximum']) };
    case 'string':
      return {
        type: String,
        ...limits(shape, ['minLength', 'maxLength']),
        ...(shape.shownPattern !== undefined && { pattern: shape.shownPattern }),
        ...(isDateTime(shape) && { format: 'date-time' }),
      };
    case 'number':
      return { type: Number };
    case 'boolean':
      return { type: Boolean };
    case 'object':
      return recordOf(shape);
    default:
      return { type: Object };
  }
}

const alternatives = (shapes: readonly Shape<unknown>[]) => ({
  oneOf: shapes.map(({ type }) => ({ type })),
});

const isDateTime = ({ format }: Shape<unknown>): boolean =>
  format === 'date-time' || format === 'rfc3339';

function listOf({ items = {}, ...list }: Shape<unknown>): ApiPropertyOptions {
  const bounds = limits(list, ['minItems', 'maxItems']);
  return { ...formOf(items), isArray: true, ...bounds } as ApiPropertyOptions;
}

/** Values of a record, where the shape says what they are; a shape without any keyword says: anything. */
function recordOf({ additionalProperties: values }: Shape<unknown>): ApiPropertyOptions {
  if (values === undefined) return { type: Object };
  const { type, anyOf } = values;
  const form = anyOf ? alternatives(anyOf) : { type };
  const isOpen = type === undefined && anyOf === undefined;
  return { type: 'object', additionalProperties: isOpen ? true : form } as ApiPropertyOptions;
}

type Limit = 'minimum' | 'maximum' | 'minLength' | 'maxLength' | 'minItems' | 'maxItems';

const limits = (shape: Shape<unknown>, names: readonly Limit[]): Partial<Record<Limit, number>> =>
  Object.fromEntries(
    names.filter((name) => shape[name] !== undefined).map((name) => [name, shape[name]]),
  );
