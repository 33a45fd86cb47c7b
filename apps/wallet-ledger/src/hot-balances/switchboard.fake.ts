import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** An address behind which a test exchanges one server for another, as a fail-over does. */
export class Switchboard {
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;
  private target: URL;
  private swallows = false;

  private constructor(targetUrl: string) {
    this.target = new URL(targetUrl);
    this.server = createServer((client) => this.join(client));
  }

  static async to(targetUrl: string): Promise<Switchboard> {
    const board = new Switchboard(targetUrl);
    await new Promise<void>((done) => board.server.listen(0, '127.0.0.1', done));
    return board;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Nothing gets through any more, in either direction, and nobody is told; until the next `switchTo`. */
  swallow(): void {
    this.swallows = true;
    for (const socket of this.sockets) socket.unpipe().resume();
  }

  /** Breaks every connection; the next ones lead elsewhere. */
  switchTo(targetUrl: string): void {
    this.target = new URL(targetUrl);
    this.swallows = false;
    for (const socket of this.sockets) socket.destroy();
  }

  /** Open connections stay where they are, as behind a proxy or a name that is moved; the next ones lead elsewhere. */
  leadNewOnesTo(targetUrl: string): void {
    this.target = new URL(targetUrl);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((done) => this.server.close(done));
  }

  private join(client: Socket): void {
    const upstream = connect(Number(this.target.port), this.target.hostname);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(one);
      one.setNoDelay(true);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.sockets.delete(one);
        other.destroy();
      });
      if (this.swallows) one.resume();
      else one.pipe(other);
    }
  }
}
