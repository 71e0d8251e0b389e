import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { TaskType } from '@forma3d/contracts';
import { disagreements, type TaskHandler } from '@forma3d/tasks';
import { HANDLES } from './handles';

/** Handlers and contracts do not agree; nothing may start. */
export class Disagreement extends Error {
  override readonly name = 'Disagreement';

  constructor(readonly problems: readonly string[]) {
    super(`Task handlers and contracts disagree:\n${problems.map((each) => `  - ${each}`).join('\n')}`);
  }
}

interface Found {
  type: TaskType;
  handler: TaskHandler;
}

/** Finds every injectable marked with `@Handles`. */
@Injectable()
export class TaskHandlers {
  private known: Map<TaskType, TaskHandler> | undefined;

  constructor(private readonly discovery: DiscoveryService) {}

  /**
   * The handlers by task type. Their instances are looked up when they are first used, so that this may be asked while the
   * application is still being put together.
   *
   * @throws Disagreement listing everything that is missing, doubled or unknown
   */
  byType(): Map<TaskType, TaskHandler> {
    const found = this.find();
    const problems = disagreements(found.map(({ type }) => type));
    if (problems.length > 0) throw new Disagreement(problems);
    return new Map(found.map(({ type, handler }) => [type, handler]));
  }

  /** The handler of one task type, also in a process that runs no tasks; undefined where none was loaded. */
  of(type: TaskType): TaskHandler | undefined {
    this.known ??= new Map(this.find().map((each) => [each.type, each.handler]));
    return this.known.get(type);
  }

  private find(): Found[] {
    const seen = new Set<unknown>();
    return this.discovery.getProviders().flatMap((wrapper): Found[] => {
      const target: unknown = wrapper.metatype;
      if (typeof target !== 'function' || seen.has(target)) return [];
      const type: unknown = Reflect.getMetadata(HANDLES, target);
      if (typeof type !== 'string') return [];
      seen.add(target);
      return [{ type: type as TaskType, handler: handlerOf(target, () => wrapper.instance as TaskHandler) }];
    });
  }
}

function handlerOf(target: object & { prototype?: unknown }, instance: () => TaskHandler): TaskHandler {
  const handler: TaskHandler = { handle: (task, signal) => instance().handle(task, signal) };
  // Having `failed` or not tells something: whether a failure has a meaning of its own.
  const prototype = target.prototype as Partial<TaskHandler> | undefined;
  if (typeof prototype?.failed === 'function') {
    handler.failed = async (tx, task, reason) => {
      await instance().failed?.(tx, task, reason);
    };
  }
  if (typeof prototype?.replayed === 'function') {
    handler.replayed = async (tx, task) => {
      await instance().replayed?.(tx, task);
    };
  }
  return handler;
}
