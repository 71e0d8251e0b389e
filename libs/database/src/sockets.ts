import { Socket } from 'node:net';

/**
 * The TCP connections of a pool or client, so that they can be ended without the other side's consent: pg's own `end` waits for the
 * server to hang up, for ever where the server has fallen silent.
 */
export class Sockets {
  private readonly open = new Set<Socket>();

  /** For pg's `stream` setting. */
  readonly make = (): Socket => {
    const socket = new Socket();
    this.open.add(socket);
    socket.once('close', () => this.open.delete(socket));
    return socket;
  };

  destroyAll(): void {
    for (const socket of this.open) socket.destroy();
  }

  /** Waits for an orderly `end`, and hangs up when it takes longer than `patienceMs`. */
  async endWithin(patienceMs: number, end: Promise<unknown>): Promise<void> {
    const timer = setTimeout(() => { this.destroyAll(); }, patienceMs);
    try {
      await end;
      // A pool has ended as soon as it has said goodbye.
      await this.closed();
    } finally {
      clearTimeout(timer);
    }
  }

  private async closed(): Promise<void> {
    await Promise.all([...this.open].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  }
}
