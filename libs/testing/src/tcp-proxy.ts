import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A connection through the proxy: the side that asked, and the side that answers. */
interface Pair {
  client: Socket;
  server: Socket;
  /** Nothing is passed on any more, in either direction, though both ends stay open. */
  frozen: boolean;
}

/**
 * Stands between a client and a TCP server and does what networks do: cuts connections, lets them fall silent half-open, takes none, or
 * loses one certain answer. Bytes are passed on unread, but for {@link loseAnswerTo}.
 */
export class TcpProxy {
  private readonly pairs = new Set<Pair>();
  private frozen = false;
  private refusing = false;
  private lost: { text: string; happened: () => void } | undefined;

  private constructor(
    private readonly listener: Server,
    private target: { host: string; port: number },
  ) {}

  /** @param url where to; of an address with a scheme, such as postgresql:// */
  static async start(url: string): Promise<TcpProxy> {
    const listener = createServer({ allowHalfOpen: true });
    const proxy = new TcpProxy(listener, addressOf(url));
    listener.on('connection', (socket) => { proxy.take(socket); });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** The same address as `url`, but through here. */
  through(url: string): string {
    const changed = new URL(url);
    changed.hostname = '127.0.0.1';
    changed.port = String((this.listener.address() as AddressInfo).port);
    return changed.toString();
  }

  get connections(): number {
    return this.pairs.size;
  }

  /** From now on new connections lead there. */
  aimAt(url: string): void {
    this.target = addressOf(url);
  }

  /** Ends every connection at once (RST); new ones are taken. */
  cut(): void {
    for (const pair of this.pairs) this.drop(pair);
  }

  /** Takes no connection until {@link pass}, and cuts those that stand. */
  refuse(): void {
    this.refusing = true;
    this.cut();
  }

  /** Every connection stays open and silent for good, as when the other machine is gone; new ones are taken and get no answer. */
  freeze(): void {
    this.frozen = true;
    for (const pair of this.pairs) pair.frozen = true;
  }

  /** New connections work again; those that fell silent stay so. */
  pass(): void {
    this.frozen = false;
    this.refusing = false;
  }

  /** Cuts the next connection over which the client sends `text`, after the server answered it and before the client hears of it. */
  loseAnswerTo(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.lost = { text, happened: resolve };
    });
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.listener.close(resolve));
    this.cut();
    await closed;
  }

  private take(client: Socket): void {
    if (this.refusing) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ ...this.target, allowHalfOpen: true });
    const pair: Pair = { client, server, frozen: this.frozen };
    this.pairs.add(pair);
    let losing: (() => void) | undefined;
    client.on('data', (bytes) => {
      if (pair.frozen) return;
      if (this.lost && bytes.includes(this.lost.text)) {
        losing = this.lost.happened;
        this.lost = undefined;
      }
      server.write(bytes);
    });
    server.on('data', (bytes) => {
      if (pair.frozen) return;
      if (losing) {
        this.drop(pair);
        losing();
      } else client.write(bytes);
    });
    for (const [socket, other] of [[client, server], [server, client]] as const) {
      socket.on('error', () => { other.destroy(); });
      socket.on('end', () => { if (!pair.frozen) other.end(); });
      socket.on('close', () => {
        // Whoever looks at a half-open connection from its other end sees nothing.
        if (pair.frozen && !client.destroyed) return;
        other.destroy();
        this.pairs.delete(pair);
      });
    }
  }

  private drop(pair: Pair): void {
    pair.client.resetAndDestroy();
    pair.server.destroy();
    this.pairs.delete(pair);
  }
}

function addressOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}
