import { createServer, type Server, type Socket } from 'node:net';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What goes over the line, byte by byte: a test cuts it where it likes. Nothing more: the line is closed. */
export type Script = string | Buffer | ((socket: Socket) => void);

/** A server that answers what it was given, one after the other, the last one for ever, and keeps what it was asked. */
export class RawServer {
  readonly received: Received[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly scripts: Script[],
  ) {}

  static async start(...scripts: Script[]): Promise<RawServer> {
    const server = createServer();
    const raw = new RawServer(server, scripts);
    server.on('connection', (socket) => raw.serve(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return raw;
  }

  get origin(): string {
    const address = this.server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }

  answer(...scripts: Script[]): void {
    this.scripts.push(...scripts);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      if (end === -1) return;
      const [first = '', ...lines] = text.slice(0, end).split('\r\n');
      const headers = Object.fromEntries(
        lines.map((line) => [line.split(': ')[0]?.toLowerCase(), line.split(': ')[1]] as const),
      ) as Record<string, string>;
      const body = text.slice(end + 4);
      if (body.length < Number(headers['content-length'] ?? 0)) return;
      const [method = '', path = ''] = first.split(' ');
      this.received.push({ method, path, headers, body });
      const script = this.scripts.length > 1 ? this.scripts.shift() : this.scripts[0];
      if (typeof script === 'function') script(socket);
      else socket.end(script ?? '');
    });
  }
}

/** An answer as HTTP writes it; `length` may promise more than comes. */
export function http(
  status: number,
  body: string,
  headers: Record<string, string> = {},
  length = Buffer.byteLength(body),
): string {
  const all: Record<string, string> = {
    'Content-Type': 'application/json',
    'Content-Length': String(length),
    Connection: 'close',
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Whatever\r\n${lines.join('')}\r\n${body}`;
}
