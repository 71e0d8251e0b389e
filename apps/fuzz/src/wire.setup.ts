import { connect } from 'node:net';

/** One answer as it came over the wire. */
export interface Answer {
  status: number;
  headers: ReadonlyMap<string, string>;
  body: string;
}

export interface Exchange {
  answers: Answer[];
  /** Whether the server ended the connection; else we did, when the time was up. */
  closed: boolean;
  /** What came that is no answer. */
  rest: string;
  ms: number;
}

export interface SendOptions {
  /** How long to wait for the end of the connection, in milliseconds. */
  timeoutMs: number;
  /** Close our side once all is written, as a client that breaks off does: the server then owes no answer. */
  end?: boolean;
  /** Asked by HEAD: answers come without the body that their headers tell of. */
  head?: boolean;
}

/**
 * Sends bytes as they are, however wrong, and reads what comes until the server ends the connection. Never rejects: a connection that
 * breaks is one that the server closed.
 */
export function sendRaw(port: number, chunks: Iterable<Buffer | string> | AsyncIterable<Buffer | string>, { timeoutMs, end = false, head = false }: SendOptions): Promise<Exchange> {
  const from = performance.now();
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const received: Buffer[] = [];
    let done = false;
    const finish = (closed: boolean): void => {
      if (done) return;
      done = true;
      clearTimeout(timer);
      socket.destroy();
      resolve({ ...answersIn(Buffer.concat(received), head), closed, ms: performance.now() - from });
    };
    const timer = setTimeout(() => { finish(false); }, timeoutMs);
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.on('close', () => { finish(true); });
    // A reset is a way to close; what was received before it counts.
    socket.on('error', () => { finish(true); });
    void (async () => {
      for await (const chunk of chunks) {
        if (done || !socket.writable) return;
        if (!socket.write(chunk)) await new Promise<void>((drained) => { socket.once('drain', drained).once('close', () => { drained(); }); });
      }
      if (end) socket.end();
    })();
  });
}

/** A request in HTTP/1.1, its head in Latin-1 so that any byte can be sent. */
export function requestBytes(method: string, target: string, headers: readonly (readonly [string, string])[], body?: Buffer): Buffer {
  const head = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), body ?? Buffer.alloc(0)]);
}

function answersIn(bytes: Buffer, head: boolean): Pick<Exchange, 'answers' | 'rest'> {
  const answers: Answer[] = [];
  let at = 0;
  for (;;) {
    const headEnd = bytes.indexOf('\r\n\r\n', at);
    if (headEnd === -1) break;
    const [statusLine = '', ...lines] = bytes.toString('latin1', at, headEnd).split('\r\n');
    const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(statusLine)?.[1]);
    if (!status) break;
    const headers = new Map(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
    const bodyless = head || status < 200 || status === 204 || status === 304;
    const body = bodyless ? { text: '', next: headEnd + 4 } : bodyAt(bytes, headEnd + 4, headers);
    at = body.next;
    if (status >= 200) answers.push({ status, headers, body: body.text });
  }
  return { answers, rest: bytes.toString('latin1', at, at + 500) };
}

function bodyAt(bytes: Buffer, at: number, headers: ReadonlyMap<string, string>): { text: string; next: number } {
  const length = headers.get('content-length');
  if (length !== undefined) return { text: bytes.toString('utf8', at, at + Number(length)), next: Math.min(bytes.length, at + Number(length)) };
  if (headers.get('transfer-encoding') !== 'chunked') return { text: bytes.toString('utf8', at), next: bytes.length };
  const parts: Buffer[] = [];
  for (let next = at; ; ) {
    const lineEnd = bytes.indexOf('\r\n', next);
    const size = lineEnd === -1 ? 0 : parseInt(bytes.toString('latin1', next, lineEnd), 16);
    if (!(size > 0)) return { text: Buffer.concat(parts).toString('utf8'), next: lineEnd === -1 ? bytes.length : Math.min(bytes.length, lineEnd + 4) };
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    next = lineEnd + 2 + size + 2;
  }
}

/** Writes all it can and reads nothing; resolves when the server takes no more. Answers what ends it. */
export function deafClient(port: number, bytes: Buffer): Promise<() => void> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }).pause();
    const settle = (): void => { resolve(() => { socket.destroy(); }); };
    const quiet = setTimeout(settle, 1_500);
    socket.on('error', () => { clearTimeout(quiet); settle(); });
    socket.write(bytes);
  });
}
