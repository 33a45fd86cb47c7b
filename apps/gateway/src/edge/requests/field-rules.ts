import { INSTANT_PATTERN } from '@orbit/events';
import { isHttpUrl, NAME_SAYS, toInstant, VISIBLE_NAME } from '@orbit/contracts';
import { Transform } from 'class-transformer';
import { ValidateBy, ValidateIf } from 'class-validator';

export { toInstant, VISIBLE_NAME };

const DATE = /^\d{4}-\d{2}-\d{2}$/;

const EVENT_INSTANT = new RegExp(INSTANT_PATTERN);

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

/** An absolute http or https address without credentials; anything else could run in a browser. */
export const IsHttpUrl = (): PropertyDecorator =>
  ValidateBy({
    name: 'isHttpUrl',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && isHttpUrl(value),
      defaultMessage: (fault) => `${fault?.property} is an absolute http or https URL`,
    },
  });

/** A civil date (midnight UTC) or an instant with its zone. */
export const IsDateOrInstant = (): PropertyDecorator =>
  ValidateBy({
    name: 'isDateOrInstant',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && toInstant(value) !== null,
      defaultMessage: (fault) => `${fault?.property} is a date (2026-05-16) or an ISO 8601 instant`,
    },
  });

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

/** An instant that events carry: the schemas of their topics take no other, and would dead-letter it. */
export const IsEventInstant = (): PropertyDecorator =>
  ValidateBy({
    name: 'isEventInstant',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' &&
        !DATE.test(value) &&
        EVENT_INSTANT.test(toInstant(value) ?? ''),
      defaultMessage: (fault) =>
        `${fault?.property} is an ISO 8601 instant with its zone, in the years 2000 to 2999`,
    },
  });
