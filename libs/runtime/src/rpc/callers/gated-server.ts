import { ServerTCP, type TcpOptions, type TcpSocket } from '@nestjs/microservices';
import { OrbitError } from '@orbit/contracts';
import { counter } from '@orbit/metrics';
import type { Logger } from '../../logger.js';
import { toWireError } from '../rpc-error.js';
import type { CallerGate, CallerProof, CallRefusal } from './caller-gate.js';

const REPORT_INTERVAL_MS = 10_000;

interface RawCall {
  readonly id?: unknown;
  readonly pattern?: unknown;
  readonly metadata?: unknown;
}

/** Nest's TCP server, which asks the gate before a message reaches any handler. */
export class GatedServerTcp extends ServerTCP {
  private reportedAtMs = -Infinity;

  constructor(
    options: NonNullable<TcpOptions['options']>,
    private readonly gate: CallerGate,
    private readonly log: Logger,
  ) {
    super(options);
  }

  override async handleMessage(socket: TcpSocket, message: unknown): Promise<void> {
    const { id, pattern, metadata } = isRecord(message) ? (message as RawCall) : {};
    const operation = typeof pattern === 'string' ? pattern : '';
    const proof: CallerProof = isRecord(metadata) ? metadata : {};
    const refusal = this.gate.refusalOf(proof, operation);
    if (refusal === null) return super.handleMessage(socket, message);
    this.report(refusal, proof, operation, socket);
    // Without an id nobody waits for an answer.
    if (typeof id !== 'string') return;
    const err = toWireError(new OrbitError('internal', MESSAGES[refusal]));
    socket.sendMessage({ id, err, isDisposed: true } as never, () => undefined);
  }

  /** Counted each time; logged at most every ten seconds, because a stranger may ask as often as he likes. */
  private report(refusal: CallRefusal, proof: CallerProof, operation: string, socket: TcpSocket) {
    counter('orbit_rpc_refused_total').inc({ reason: refusal });
    const nowMs = performance.now();
    if (nowMs - this.reportedAtMs < REPORT_INTERVAL_MS) return;
    this.reportedAtMs = nowMs;
    const address = socket.netSocket.remoteAddress;
    const caller = String(proof.caller ?? 'nobody').slice(0, 40);
    this.log.warn(
      { caller, operation: operation.slice(0, 80), address, refusal },
      'RPC call refused',
    );
  }
}

const MESSAGES: Readonly<Record<CallRefusal, string>> = {
  unproven:
    'The caller has not proven who it is. Set RPC_TOKENS of the caller (docs/operating.md).',
  not_allowed: 'This caller may not ask for this operation (libs/contracts/src/rpc-callers.ts).',
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
