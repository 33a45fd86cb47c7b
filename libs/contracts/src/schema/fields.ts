import { CURRENCY_PATTERN } from '@orbit/money';
import {
  integer,
  optional,
  text,
  type OptionalShape,
  type Shape,
  type ShapeNotes,
} from './shape.js';

const amountSays = 'is a decimal string such as "25.00", with at most six decimals';

/** Zero or more. */
export const amount = (notes: ShapeNotes = {}): Shape<string> =>
  text({ format: 'amount', says: amountSays, ...notes });

export const positiveAmount = (notes: ShapeNotes = {}): Shape<string> =>
  text({ format: 'positive-amount', says: `${amountSays} and above zero`, ...notes });

/** Not zero; negative takes. */
export const signedAmount = (notes: ShapeNotes = {}): Shape<string> =>
  text({
    format: 'signed-amount',
    says: 'is a decimal string other than zero, such as "5.00" or "-5.00", with at most six decimals',
    ...notes,
  });

export const instant = (notes: ShapeNotes = {}): Shape<string> =>
  text({
    format: 'instant',
    says: 'is an ISO 8601 instant with its zone, of the years 1 to 9999',
    ...notes,
  });

/** A civil date (midnight UTC), or an instant with its zone. */
export const dateOrInstant = (notes: ShapeNotes = {}): Shape<string> =>
  text({
    format: 'date-or-instant',
    says: 'is a date (2026-05-16) or an ISO 8601 instant',
    ...notes,
  });

/** Once per reference: a repeat books nothing. */
export const reference = (notes: ShapeNotes = {}): Shape<string> =>
  text({
    pattern: '^[!-~]{1,200}$',
    says: 'is 1 to 200 visible ASCII characters',
    ...notes,
  });

/** Longest text that an entry keeps. */
export const REASON_LENGTH_MAX = 500;

export const reason = (notes: ShapeNotes = {}): Shape<string> =>
  text({
    minLength: 1,
    maxLength: REASON_LENGTH_MAX,
    pattern: '\\S',
    says: `says why, in 1 to ${REASON_LENGTH_MAX} characters`,
    ...notes,
  });

export const organizationId = text({
  minLength: 1,
  example: 'org_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B',
});

/** Of an answer, whatever it is called: an amount as it is written everywhere. */
export const shownAmount = (example: string, notes: ShapeNotes = {}): Shape<string> =>
  text({ example, ...notes });

/** A wallet is named by its organization and what it is kept in. */
export const walletRef = {
  organization_id: organizationId,
  currency: text({
    format: 'unit',
    says: 'is an ISO 4217 currency such as "USD", or a custom unit such as "credits"',
    code: 'unsupported_currency',
  }),
} as const;

/** As answers over HTTP show it: in lower case. */
export const shownWalletRef = {
  organization_id: text({ example: 'org_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' }),
  currency: text({ example: 'usd' }),
} as const;

export const shownInstant = (example: string, notes: ShapeNotes = {}): Shape<string> =>
  text({ example, ...notes });

/** A currency in either case or a custom unit, as requests over HTTP name a wallet of theirs. */
export const unitOfOrganization = (notes: ShapeNotes = {}): OptionalShape<string> =>
  optional(text({ example: 'USD', description: "Default: the organization's.", ...notes }));

/** Of a cursor that has not the form of one; as `unknownCursor` says it of one that has. */
export const NOT_A_CURSOR =
  'is not one that an earlier page of this list answered. Start without it';

/** Of queries of an operator: whose rows are meant; absent: everybody's. */
export const ownerFilter = optional(
  text({ pattern: '^[^]{1,64}$', says: 'is a text of 1 to 64 characters' }),
);

/** Of requests of an operator: which wallets are meant; absent: all of them. */
export const unitFilter = (notes: ShapeNotes = {}): OptionalShape<string> =>
  optional(
    text({ pattern: CURRENCY_PATTERN, says: 'is "USD" or a custom unit, "credits"', ...notes }),
  );

/** Of queries of an operator for a page of a long list; `cursor` has the form that its pages give. */
export const pageFields = (cursorPattern: string) =>
  ({
    limit: integer({ minimum: 1, maximum: 500, default: 200 }),
    cursor: optional(
      text({
        pattern: cursorPattern,
        says: NOT_A_CURSOR,
        description: '`cursor` of the page before.',
      }),
    ),
  }) as const;
