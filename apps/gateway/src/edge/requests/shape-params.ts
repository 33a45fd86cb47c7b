import { Body, Query, type PipeTransform } from '@nestjs/common';
import type { Shape } from '@orbit/contracts';
import { shapeReader } from '@orbit/runtime';
import { modelOf } from '../docs/shape-model.js';
import { requireReadableShape } from './body-shape.js';

/**
 * The body of a request, read by a shape of the contracts, which is in the OpenAPI document too. What it does not
 * name is refused; the first fault is reported, with the path of its field (`reports.3.status`).
 */
export function BodyOf(shape: Shape<unknown>): ParameterDecorator {
  const read = shapeReader(shape, { root: 'body', isClosed: true });
  return documented(shape, Body(pipe(read)));
}

/** As `BodyOf`, of the query: integers come as digits, and what is absent gets its default. */
export function QueryOf(shape: Shape<unknown>): ParameterDecorator {
  const read = shapeReader(shape, { root: 'query', isClosed: true, isQuery: true });
  return documented(shape, Query(pipe(read)));
}

const pipe = (read: (value: unknown) => unknown): PipeTransform => ({
  transform: (value: unknown) => {
    if (typeof value === 'object' && value !== null) requireReadableShape(value);
    return read(value);
  },
});

/** A type of TypeScript leaves no trace at run time; the document is made from the class that stands for it. */
function documented(shape: Shape<unknown>, decorate: ParameterDecorator): ParameterDecorator {
  return (target, key, index) => {
    decorate(target, key, index);
    if (key === undefined) return;
    const types = [...(Reflect.getMetadata('design:paramtypes', target, key) as unknown[])];
    types[index] = modelOf(shape);
    Reflect.defineMetadata('design:paramtypes', types, target, key);
  };
}
