import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '@forma3d/database';
import { Processor } from '@forma3d/tasks';
import { Wakeups } from './wakeups';

/**
 * Starts the task processor once the application stands, and ends things in their order: readiness first, then (after the
 * HTTP server) the processor, which finishes or hands back its work, then the connections.
 */
@Injectable()
export class TaskRunner implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  private ending = false;

  constructor(
    private readonly db: Database,
    private readonly processor: Processor,
    private readonly wakeups: Wakeups,
    private readonly active: boolean,
  ) {}

  get stopping(): boolean {
    return this.ending;
  }

  async onApplicationBootstrap(): Promise<void> {
    if (this.active) this.wakeups.attach(this.processor);
    // Also without a processor here: the others are told of what this process writes.
    await this.wakeups.start();
    if (this.active) this.processor.start();
  }

  beforeApplicationShutdown(): void {
    this.ending = true;
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.active) await this.processor.stop();
    await this.wakeups.close();
    await this.db.close();
  }
}
