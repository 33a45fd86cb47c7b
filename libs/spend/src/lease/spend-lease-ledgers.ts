import {
  ERROR_CATALOGUE,
  LEASES,
  OrbitError,
  rpcClient,
  type Client,
  type ErrorCode,
  type Transport,
} from '@orbit/contracts';
import { formatAmount, requireAmount } from '@orbit/money';
import type { LeaseLedger, LeaseOpening, LeaseRenewal, LeaseTerms } from './spend-lease-ports.js';

const SECOND_MS = 1_000;
const TIMEOUT_MS = 5_000;

/** `RpcClient` of @orbit/runtime fits. */
export type LeaseRpc = Transport;

/** Leases for services inside, over the RPC of wallet-ledger. */
export class RpcLeaseLedger implements LeaseLedger {
  private readonly leases: Client<typeof LEASES>;

  constructor(rpc: LeaseRpc) {
    this.leases = rpcClient(LEASES, rpc);
  }

  async open(opening: LeaseOpening): Promise<LeaseTerms> {
    const { lease } = await this.leases.open({
      organization_id: opening.organizationId,
      currency: opening.currency,
      amount: formatAmount(opening.amountMicros, opening.currency),
      ttl_ms: opening.ttlMs,
      holder: opening.holder,
      reference: opening.reference,
    });
    return toTerms(lease);
  }

  async renew(renewal: LeaseRenewal): Promise<LeaseTerms> {
    const { lease } = await this.leases.renew({
      organization_id: renewal.organizationId,
      lease_id: renewal.leaseId,
      ...(renewal.amountMicros > 0n
        ? { amount: formatAmount(renewal.amountMicros, renewal.currency) }
        : {}),
      ttl_ms: renewal.ttlMs,
      reference: renewal.reference,
    });
    return toTerms(lease);
  }

  async close({ organizationId, leaseId }: Parameters<LeaseLedger['close']>[0]): Promise<void> {
    const ref = { organization_id: organizationId, lease_id: leaseId };
    await this.leases.close(ref);
  }
}

export interface HttpLeaseLedgerOptions {
  /** The address of the gateway, such as "https://billing.example.com". */
  readonly baseUrl: string;
  /** Says which organization it is; the one in the requests is not sent. */
  readonly apiKey: string;
  readonly fetch?: typeof fetch;
}

/** Leases over the public routes, for whoever has an API key; needs nothing but `fetch`. */
export class HttpLeaseLedger implements LeaseLedger {
  constructor(private readonly options: HttpLeaseLedgerOptions) {}

  async open(opening: LeaseOpening): Promise<LeaseTerms> {
    return this.post('', opening.reference, {
      amount: formatAmount(opening.amountMicros, opening.currency),
      currency: opening.currency,
      ttl_seconds: toSeconds(opening.ttlMs),
      ...(opening.holder === null ? {} : { holder: opening.holder }),
    });
  }

  async renew(renewal: LeaseRenewal): Promise<LeaseTerms> {
    return this.post(`/${renewal.leaseId}/renew`, renewal.reference, {
      ...(renewal.amountMicros > 0n
        ? { amount: formatAmount(renewal.amountMicros, renewal.currency) }
        : {}),
      ttl_seconds: toSeconds(renewal.ttlMs),
    });
  }

  async close({ leaseId }: Parameters<LeaseLedger['close']>[0]): Promise<void> {
    await this.post(`/${leaseId}/close`, null, {});
  }

  private async post(path: string, key: string | null, body: object): Promise<LeaseTerms> {
    const { baseUrl, apiKey } = this.options;
    const send = this.options.fetch ?? fetch;
    let answer: Response;
    try {
      answer = await send(`${baseUrl.replace(/\/+$/, '')}/api/v1/billing/leases${path}`, {
        method: 'POST',
        headers: {
          'x-api-key': apiKey,
          'content-type': 'application/json',
          ...(key === null ? {} : { 'idempotency-key': key }),
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (error) {
      throw new OrbitError('unavailable', 'The gateway did not answer.', { cause: error });
    }
    const envelope = (await answer.json().catch(() => ({}))) as {
      data?: Parameters<typeof toTerms>[0];
      error?: { code?: string; message?: string };
    };
    if (answer.ok && envelope.data) return toTerms(envelope.data);
    throw toOrbitError(answer.status, envelope.error);
  }
}

/** Rounded up, so that the ledger's end is never before ours. */
const toSeconds = (ttlMs: number): number => Math.ceil(ttlMs / SECOND_MS);

const toTerms = (lease: { readonly lease_id: string; readonly granted: string }): LeaseTerms => ({
  leaseId: lease.lease_id,
  grantedMicros: requireAmount(lease.granted),
});

function toOrbitError(
  status: number,
  error: { code?: string; message?: string } | undefined,
): OrbitError {
  const code = error?.code ?? '';
  const message = error?.message ?? `The gateway answered ${status}.`;
  if (Object.hasOwn(ERROR_CATALOGUE, code)) return new OrbitError(code as ErrorCode, message);
  return new OrbitError(status >= 500 ? 'unavailable' : 'internal', message);
}
