import type { PipeTransform } from '@nestjs/common';
import { OrbitError } from '@orbit/contracts';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { PARAM_LENGTH_MAX, requireReadableShape, unknownField } from './body-shape.js';

/**
 * Reads a body or query into a class with class-validator decorators; what it does not declare is
 * refused. The first fault is reported, with the path of its field (`reports.3.status`).
 */
export class DtoReader<T extends object> implements PipeTransform<unknown, T> {
  constructor(private readonly type: new () => T) {}

  transform(value: unknown): T {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new OrbitError('invalid_field', 'The body is a JSON object.', { param: 'body' });
    }
    requireReadableShape(value);
    const dto = plainToInstance(this.type, value);
    // Not only the first fault of a field: of what is no number that is said, not that it is too large.
    const [first] = validateSync(dto, {
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      validationError: { target: false, value: false },
    });
    if (first) throw toOrbitError(first);
    return dto;
  }
}

function toOrbitError(fault: ValidationError, parentPath = ''): OrbitError {
  const param = `${parentPath}${fault.property}`.slice(0, PARAM_LENGTH_MAX);
  const [child] = fault.children ?? [];
  if (child) return toOrbitError(child, `${param}.`);
  const constraints = fault.constraints ?? {};
  if ('whitelistValidation' in constraints) {
    return unknownField(param);
  }
  const [first = 'This value does not fit.'] = Object.values(constraints);
  const message = constraints['isInt'] ?? constraints['isString'] ?? first;
  return new OrbitError('invalid_field', `${message}.`, { param });
}
