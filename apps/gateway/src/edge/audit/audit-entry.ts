import type { Door } from '../http/doors.js';

/** Doors whose callers can change something by a key. */
export type AuditedDoor = Extract<Door, 'organization key' | 'operator key' | 'account key'>;

/** Somebody asks for a change. Written before the change may happen. */
export interface AuditEntry {
  readonly id: string;
  readonly at: Date;
  readonly door: AuditedDoor;
  readonly keyId: string;
  readonly organizationId: string | null;
  readonly accountId: string | null;
  readonly method: string;
  /** The template of the route, or the operation of /v1. */
  readonly route: string;
  /** The path that was asked for, which names what changes. */
  readonly subject: string;
  readonly requestId: string;
  readonly address: string;
  /** The body, without secrets. */
  readonly asked: unknown;
}

/** The result of a change. Written before the answer leaves; missing where the process ended in between. */
export interface AuditOutcome {
  readonly id: string;
  readonly entryId: string;
  readonly at: Date;
  readonly status: number;
  readonly before: unknown;
  /** The answer, without secrets. */
  readonly after: unknown;
}

export interface AuditRecord extends AuditEntry {
  readonly outcome: Pick<AuditOutcome, 'at' | 'status' | 'before' | 'after'> | null;
}

export interface AuditFilter {
  readonly keyId?: string | undefined;
  readonly organizationId?: string | undefined;
  readonly accountId?: string | undefined;
  readonly requestId?: string | undefined;
  readonly route?: string | undefined;
  readonly from?: Date | undefined;
  /** Not included. */
  readonly to?: Date | undefined;
}

export const AUDIT = Symbol('AuditStore');

/** Errors: OrbitError `unavailable` when Postgres is unavailable. */
export interface AuditStore {
  begin(entry: AuditEntry): Promise<void>;
  finish(outcome: AuditOutcome): Promise<void>;
  has(entryId: string): Promise<boolean>;
  /** Newest first, after the given one. */
  list(filter: AuditFilter, limit: number, afterId: string | null): Promise<readonly AuditRecord[]>;
}

/** Longer bodies are named by their length alone. */
export const AUDIT_BODY_LENGTH_MAX = 8_192;
const SECRET_NAME = /(^|_)(key|secret|token|password)$/i;
const SECRET = '[secret]';

/** A body as the trail keeps it: texts under names of secrets are replaced, and one that is too long is not kept. */
export function auditedBody(body: unknown): unknown {
  if (body === undefined || body === null) return null;
  const shown = withoutSecrets(body);
  const length = JSON.stringify(shown).length;
  return length <= AUDIT_BODY_LENGTH_MAX ? shown : { too_long: length };
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      SECRET_NAME.test(name) && typeof inner === 'string' ? SECRET : withoutSecrets(inner),
    ]),
  );
}
