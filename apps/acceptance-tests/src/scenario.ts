import { createServer, type Server } from 'node:net';
import { test as base, createBdd } from 'playwright-bdd';
import { newPlace, NpmStart, type Place } from './npm-start';
import { Product, type Answer } from './product';
import { QUICK, sharedProductNow } from './shared-product';

/** What the steps of one scenario know of each other. */
export class Scenario {
  private ownProduct: Product | undefined;
  private sharedProduct: Product | undefined;
  readonly shared = sharedProductNow();
  private readonly starts: NpmStart[] = [];
  private readonly listeners = new Map<string, Server>();
  private placed: { id: string; name: string } | undefined;
  private answered: Answer | undefined;
  private sentFile: string | undefined;
  /** Where the scenario will start a product of its own. */
  place: Place = this.shared.place;
  /** What the browser complained of. */
  readonly complaints: string[] = [];

  /** The product that the steps speak of: the one that the scenario started, else the shared one. */
  get product(): Product {
    return this.ownProduct ?? (this.sharedProduct ??= new Product(this.shared.place, this.shared.terminal));
  }

  get order(): { id: string; name: string } {
    if (!this.placed) throw new Error('Nothing has been bought in this scenario.');
    return this.placed;
  }
  set order(order: { id: string; name: string }) {
    this.placed = order;
  }

  get answer(): Answer {
    if (!this.answered) throw new Error('Nothing has been asked in this scenario.');
    return this.answered;
  }
  set answer(answer: Answer) {
    this.answered = answer;
  }

  /** The latest file that was tried or exported. */
  get file(): string {
    if (this.sentFile === undefined) throw new Error('There is no file in this scenario.');
    return this.sentFile;
  }
  set file(text: string) {
    this.sentFile = text;
  }

  /** The latest `npm start` of this scenario. */
  get start(): NpmStart {
    const start = this.starts.at(-1);
    if (!start) throw new Error('Nothing was started in this scenario.');
    return start;
  }

  ownPlace(): Promise<Place> {
    return newPlace(this.shared.folder, `own-${String(process.hrtime.bigint())}`);
  }

  run(place: Place, settings: Record<string, string> = {}): NpmStart {
    const start = new NpmStart(place, settings);
    this.starts.push(start);
    return start;
  }

  /** The product of the latest start, once the terminal shows how to reach it. */
  async useIt(): Promise<void> {
    await this.start.says('What to try next');
    this.ownProduct = new Product(this.start.place, this.start.terminal());
  }

  /** Another program that has the port. */
  async occupy(port: string): Promise<void> {
    const server = createServer();
    this.listeners.set(port, server);
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(Number(port), '127.0.0.1', resolve));
  }

  /** Fails unless the latest start has ended and nothing of it is left; ports of other programs are theirs. */
  expectNothingLeft(): Promise<void> {
    return this.start.expectNothingLeft([...this.listeners.keys()].map(Number));
  }

  /** Nothing that a scenario started or broke is left for the next. */
  async end(): Promise<void> {
    for (const start of this.starts) await start.interrupt();
    // What a killed start left running is ended by the next one.
    const last = this.starts.at(-1);
    if (last?.wasKilled()) {
      const next = new NpmStart(last.place);
      await next.says('Forma3D Connect is at');
      await next.interrupt();
    }
    for (const server of this.listeners.values()) await new Promise((resolve) => server.close(resolve));
    // A scenario with a product of its own runs beside another that may have faults in the shared one.
    await this.sharedProduct?.control('DELETE', '/faults');
    await this.sharedProduct?.speed(Number(QUICK.SANDBOX_SPEED));
  }
}

export const test = base.extend<{ scenario: Scenario }>({
  // Playwright reads from the pattern which fixtures this one needs: none.
  scenario: async ({}, use) => {
    const scenario = new Scenario();
    await use(scenario);
    await scenario.end();
  },
});

export const { Given, When, Then } = createBdd(test);
