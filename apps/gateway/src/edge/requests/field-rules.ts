import { NAME_SAYS, toInstant, VISIBLE_NAME } from '@orbit/contracts';
import { Transform } from 'class-transformer';
import { ValidateBy, ValidateIf } from 'class-validator';

export { toInstant, VISIBLE_NAME };

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** May be absent; null is a value of its own only where the field says so. */
export const IfGiven = (): PropertyDecorator => ValidateIf((_body, value) => value !== undefined);

/** May be absent, or null to take away what was set. */
export const IfNotNull = (): PropertyDecorator =>
  ValidateIf((_body, value) => value !== undefined && value !== null);

/** As `unknownCursor` says it of one that has the form; DtoReader ends the sentence. */
export const NOT_A_CURSOR = {
  message:
    '$property is not one that an earlier page of this list answered. Start without $property',
};

export const nameFault = `$property ${NAME_SAYS}`;

/** An integer in a query: digits only, so that "1e2", " 3" and "" are faults rather than numbers. */
export const QueryInteger = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^-?\d{1,9}$/.test(value) ? Number(value) : value,
  );

/** An instant with its zone. */
export const IsInstant = (): PropertyDecorator =>
  ValidateBy({
    name: 'isInstant',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' && !DATE.test(value) && toInstant(value) !== null,
      defaultMessage: (fault) => `${fault?.property} is an ISO 8601 instant with its zone`,
    },
  });
