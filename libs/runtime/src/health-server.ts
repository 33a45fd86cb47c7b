import { renderMetrics } from '@orbit/metrics';
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const CHECK_MS_MAX = 3_000;

export interface HealthReport {
  readonly ready: boolean;
  /** Why it is not ready, one sentence each; empty when it is. */
  readonly reasons: readonly string[];
}

export interface HealthServerOptions {
  readonly port: number;
  readonly host?: string;
  /** Bearer token for /metrics; absent: none is asked for. */
  readonly metricsToken?: string | undefined;
  /** Reasons why the service is not ready; a rejection counts as one. */
  readonly check: () => Promise<readonly string[]>;
  /** Asked after `check`. */
  readonly warnings?: () => readonly string[];
}

/**
 * GET /health/live: the process runs. GET /health/ready: 200 when it can do its work, else 503 with the
 * reasons. GET /metrics: the instruments, for Prometheus. Answers from the first moment on, so that an orchestrator can
 * distinguish "starting" from "dead". Without a key: this port is for inside only; /metrics may ask for a token.
 */
export class HealthServer {
  private readonly server: Server;

  constructor(private readonly options: HealthServerOptions) {
    this.server = createServer((request, response) => {
      const path = request.url?.split('?')[0];
      if (request.method !== 'GET') send(response, 405, { error: 'GET only' });
      else if (path === '/health/live') send(response, 200, { status: 'live' });
      else if (path === '/health/ready') void this.answerReady(response);
      else if (path === '/metrics' && !this.mayReadMetrics(request))
        send(response, 401, { error: 'Send METRICS_TOKEN as a bearer token.' });
      else if (path === '/metrics') void answerMetrics(response);
      else send(response, 404, { error: 'try /health/live, /health/ready or /metrics' });
    });
    this.server.unref();
  }

  async listen(): Promise<AddressInfo> {
    const { port, host } = this.options;
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host ?? '0.0.0.0', resolve);
    });
    return this.server.address() as AddressInfo;
  }

  private mayReadMetrics(request: IncomingMessage): boolean {
    const { metricsToken } = this.options;
    if (metricsToken === undefined) return true;
    const given = digest(request.headers.authorization ?? '');
    return timingSafeEqual(given, digest(`Bearer ${metricsToken}`));
  }

  /** Runs the checks; never rejects, and never takes longer than CHECK_MS_MAX. */
  async report(): Promise<HealthReport> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<readonly string[]>((resolve) => {
      timer = setTimeout(() => resolve(['the checks did not finish in time']), CHECK_MS_MAX);
    });
    try {
      const reasons = await Promise.race([this.options.check(), late]);
      return { ready: reasons.length === 0, reasons };
    } catch (error) {
      return { ready: false, reasons: [error instanceof Error ? error.message : String(error)] };
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private async answerReady(response: ServerResponse): Promise<void> {
    const { ready, reasons } = await this.report();
    const warnings = this.options.warnings?.() ?? [];
    const body = { status: ready ? 'ready' : 'not ready', reasons };
    send(response, ready ? 200 : 503, warnings.length > 0 ? { ...body, warnings } : body);
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

async function answerMetrics(response: ServerResponse): Promise<void> {
  try {
    const { contentType, text } = await renderMetrics();
    response.writeHead(200, { 'content-type': contentType, connection: 'close' });
    response.end(text);
  } catch (error) {
    send(response, 500, { error: error instanceof Error ? error.message : String(error) });
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(body));
}
