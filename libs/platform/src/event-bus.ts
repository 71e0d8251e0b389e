import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import type { EventType } from '@forma3d/contracts';
import type { PublishedEvent } from '@forma3d/tasks';

/**
 * Delivers events to listeners of this process after the commit: live screens and other things that may be missed. What
 * must happen is a task instead (`SUBSCRIPTIONS` in contracts).
 */
@Injectable()
export class EventBus {
  constructor(private readonly emitter: EventEmitter2) {}

  /** Listens until the answered function is called. Errors of `fn` reach nobody but the log. */
  on(type: EventType, fn: (event: PublishedEvent) => void): () => void {
    this.emitter.on(type, fn);
    return () => {
      this.emitter.off(type, fn);
    };
  }

  deliver(event: PublishedEvent): void {
    this.emitter.emit(event.type, event);
  }
}
