import { isTimezone } from '@orbit/kernel';
import type { OrbAccount } from '@orbit/contracts';
import { type OrbRefusal, mergeMetadata, type Metadata } from '@orbit/orb-api';

type Fields = Readonly<Record<string, unknown>>;

/** Details of a customer that are neither searched nor counted with: as the contract writes them. */
export interface ProfileDetails {
  readonly shipping_address: Fields | null;
  readonly billing_address: Fields | null;
  readonly tax_id: Fields | null;
  readonly payment_provider: string | null;
  readonly payment_provider_id: string | null;
  readonly auto_collection: boolean;
  readonly auto_issuance: boolean | null;
  readonly email_delivery: boolean;
  readonly additional_emails: readonly string[];
  readonly exempt_from_automated_tax: boolean | null;
  readonly automatic_tax_enabled: boolean;
  readonly accounting_sync_configuration: Fields | null;
  readonly reporting_configuration: Fields | null;
  readonly payment_configuration: Fields | null;
}

/** Everything that a customer says of itself; its timezone never changes. */
export interface Profile {
  readonly name: string;
  readonly email: string;
  readonly timezone: string;
  readonly currency: string | null;
  readonly metadata: Metadata;
  readonly details: ProfileDetails;
}

export type ProfileResult =
  | { readonly ok: true; readonly profile: Profile }
  | { readonly ok: false; readonly refusal: OrbRefusal };

const EMAILS_MAX = 50;
const ISO_CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** Of a customer that has said nothing. */
export const NO_DETAILS: ProfileDetails = {
  shipping_address: null,
  billing_address: null,
  tax_id: null,
  payment_provider: null,
  payment_provider_id: null,
  auto_collection: false,
  auto_issuance: null,
  email_delivery: true,
  additional_emails: [],
  exempt_from_automated_tax: null,
  automatic_tax_enabled: false,
  accounting_sync_configuration: null,
  reporting_configuration: null,
  payment_configuration: null,
};

/** `body` fits the contract of `create-customer`. */
export function newProfile(body: Fields, account: OrbAccount): ProfileResult {
  const timezone = (body['timezone'] ?? account.timezone) as string;
  if (!isTimezone(timezone)) return refusal('timezone is a name of the IANA time zone database');
  const blank = { name: '', email: '', timezone, currency: null, metadata: {} };
  // Who names a provider is charged there, unless it says otherwise.
  const auto_collection = typeof body['payment_provider'] === 'string';
  return changed({ ...blank, details: { ...NO_DETAILS, auto_collection } }, body);
}

/** `body` fits the contract of `update-customer`. Null clears what may be empty, and leaves what may not. */
export function changeProfile(current: Profile, body: Fields): ProfileResult {
  const { currency } = body;
  if (typeof currency === 'string' && current.currency !== null && currency !== current.currency) {
    const detail = `The customer is billed in ${current.currency} already, which cannot change.`;
    return { ok: false, refusal: { code: 'constraint_violation', detail } };
  }
  return changed(current, body);
}

function changed(current: Profile, body: Fields): ProfileResult {
  const currency = (body['currency'] ?? current.currency) as string | null;
  if (currency !== null && !ISO_CURRENCIES.has(currency)) {
    return refusal('currency is a code of ISO 4217 in upper case');
  }
  const profile: Profile = {
    name: (body['name'] ?? current.name) as string,
    email: (body['email'] ?? current.email) as string,
    timezone: current.timezone,
    currency,
    metadata: mergeMetadata(current.metadata, body['metadata']),
    details: changedDetails(current.details, body),
  };
  if (1 + profile.details.additional_emails.length > EMAILS_MAX) {
    return refusal(`additional_emails has at most ${EMAILS_MAX - 1} addresses`);
  }
  return { ok: true, profile };
}

function changedDetails(current: ProfileDetails, body: Fields): ProfileDetails {
  const given = <T>(name: string, old: T, read: (value: unknown) => T): T =>
    body[name] === undefined ? old : read(body[name]);
  const kept = <T>(name: string, old: T): T => (body[name] ?? old) as T;
  const nullable = <T>(name: string, old: T): T => given(name, old, (value) => value as T);
  const tax = body['tax_configuration'] as Fields | null | undefined;
  return {
    shipping_address: given('shipping_address', current.shipping_address, readAddress),
    billing_address: given('billing_address', current.billing_address, readAddress),
    tax_id: given('tax_id', current.tax_id, (value) => only(value, ['country', 'type', 'value'])),
    payment_provider: nullable('payment_provider', current.payment_provider),
    payment_provider_id: nullable('payment_provider_id', current.payment_provider_id),
    auto_collection: kept('auto_collection', current.auto_collection),
    auto_issuance: nullable('auto_issuance', current.auto_issuance),
    email_delivery: kept('email_delivery', current.email_delivery),
    additional_emails: given('additional_emails', current.additional_emails, (value) =>
      value === null ? [] : (value as string[]),
    ),
    exempt_from_automated_tax:
      tax === undefined
        ? current.exempt_from_automated_tax
        : ((tax?.['tax_exempt'] as boolean) ?? null),
    automatic_tax_enabled:
      tax === undefined ? current.automatic_tax_enabled : tax?.['automatic_tax_enabled'] === true,
    accounting_sync_configuration: given(
      'accounting_sync_configuration',
      current.accounting_sync_configuration,
      readAccounting,
    ),
    reporting_configuration: given(
      'reporting_configuration',
      current.reporting_configuration,
      (value) => only(value, ['exempt']),
    ),
    payment_configuration: given(
      'payment_configuration',
      current.payment_configuration,
      readPayments,
    ),
  };
}

const ADDRESS = ['line1', 'line2', 'city', 'state', 'postal_code', 'country'];
const readAddress = (value: unknown): Fields | null => only(value, ADDRESS, null);

function readAccounting(value: unknown): Fields | null {
  if (value === null) return null;
  const { excluded, accounting_providers: providers } = value as Fields;
  return {
    excluded: excluded === true,
    accounting_providers: ((providers ?? []) as Fields[]).map((one) =>
      only(one, ['provider_type', 'external_provider_id']),
    ),
  };
}

function readPayments(value: unknown): Fields | null {
  if (value === null) return null;
  const providers = ((value as Fields)['payment_providers'] ?? []) as Fields[];
  return {
    payment_providers: providers.map((one) => ({
      provider_type: one['provider_type'],
      excluded_payment_method_types: one['excluded_payment_method_types'] ?? [],
      default_shared_payment_token: one['default_shared_payment_token'] ?? null,
    })),
  };
}

/** The contract leaves these objects open: what it does not name is dropped, and what is not given is `missing`. */
function only(value: unknown, names: readonly string[], missing?: null): Fields | null {
  if (value === null) return null;
  const fields = value as Fields;
  const pairs = names.map((name) => [name, fields[name] ?? missing] as const);
  return Object.fromEntries(pairs.filter(([, field]) => field !== undefined));
}

const refusal = (fault: string): ProfileResult => ({
  ok: false,
  refusal: { code: 'request_validation_errors', detail: fault, validationErrors: [fault] },
});
