import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE, DiscoveryModule } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { ScheduleModule } from '@nestjs/schedule';
import { LoggerModule, PinoLogger } from 'nestjs-pino';
import type { DestinationStream } from 'pino';
import type { TaskType } from '@forma3d/contracts';
import { Database } from '@forma3d/database';
import { systemClock, type Clock } from '@forma3d/kernel';
import { EventLog, Processor, type TaskHandler } from '@forma3d/tasks';
import { AccessGuard } from './access.guard';
import type { Config } from './config';
import { PointedGate, taskPoints, watchDatabase, type PointWatcher } from './crash-points';
import { CronSlots, PROCESS_NAME } from './cron-slots';
import { EventBus } from './event-bus';
import { Health } from './health';
import { HealthController } from './health.controller';
import { Logger } from './logger';
import { makeLogger } from './logging';
import { SharedOutsideGate } from './outside-gate';
import { MailReadiness } from './mail-readiness';
import { OutsideSightings, OutsideTroubles } from './outside-troubles';
import { ProblemFilter } from './problem.filter';
import { processorLog } from './processor-log';
import { TaskFailures } from './task-failures';
import { TaskHandlers } from './task-handlers';
import { TaskRunner } from './task-runner';
import { CLOCK, CONFIG, OUTSIDE_GATE } from './tokens';
import { InputPipe } from './input.pipe';
import { Wakeups } from './wakeups';

export interface PlatformOptions {
  clock?: Clock;
  /** Run tasks in this process (default). Without, handlers are not looked for either: for tests of HTTP alone. */
  runTasks?: boolean;
  /** Where log lines go instead of stdout. */
  logTo?: DestinationStream;
  /** Told every point at which a crash is worth a test: around commits, calls to the outside and steps of tasks. */
  onPoint?: PointWatcher | undefined;
}

/** What every module stands on, provided everywhere. */
@Module({})
export class PlatformModule {
  static forRoot(config: Config, options: PlatformOptions = {}): DynamicModule {
    const runTasks = options.runTasks ?? true;
    const { onPoint } = options;
    return {
      module: PlatformModule,
      global: true,
      imports: [
        DiscoveryModule,
        EventEmitterModule.forRoot(),
        ScheduleModule.forRoot(),
        // Requests are logged by a hook of the server (http-app.ts); the middleware would cost each of them.
        LoggerModule.forRoot({ pinoHttp: { logger: makeLogger(config.logLevel, options.logTo) }, forRoutes: [] }),
      ],
      controllers: [HealthController],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: CLOCK, useValue: options.clock ?? systemClock },
        {
          provide: Database,
          inject: [PinoLogger],
          useFactory: (logger: PinoLogger) => {
            const db = new Database({
              url: config.databaseUrl,
              max: config.databasePool,
              applicationName: 'forma3d-api',
              onIdleError: (error) => {
                logger.warn({ err: error }, 'an idle database connection broke');
              },
            });
            if (onPoint) watchDatabase(db, onPoint);
            return db;
          },
        },
        {
          provide: Wakeups,
          inject: [PinoLogger],
          useFactory: (logger: PinoLogger) =>
            new Wakeups({ url: config.databaseUrl, applicationName: 'forma3d-listener' }, (error) => {
              logger.warn({ err: error }, 'the wake-up connection has trouble');
            }),
        },
        {
          provide: EventLog,
          inject: [CLOCK, Wakeups, EventBus],
          useFactory: (clock: Clock, wakeups: Wakeups, bus: EventBus) =>
            new EventLog({
              clock,
              wake: wakeups.wake,
              deliver: (event) => {
                bus.deliver(event);
              },
            }),
        },
        {
          provide: Processor,
          inject: [Database, CLOCK, TaskHandlers, TaskFailures, PinoLogger],
          useFactory: (db: Database, clock: Clock, found: TaskHandlers, failures: TaskFailures, logger: PinoLogger) => {
            const handlers = runTasks ? found.byType() : new Map<TaskType, TaskHandler>();
            return new Processor({
              db,
              clock,
              worker: PROCESS_NAME,
              handlers,
              concurrency: config.taskConcurrency,
              leaseMs: config.taskLeaseMs,
              log: processorLog(logger, failures),
              ...(onPoint && { onStep: taskPoints(onPoint) }),
              onFailure: (tx, task, reason, final) => {
                const handledByItsOwn = handlers.get(task.type)?.failed !== undefined;
                return failures.failed(tx, { task, reason, final, handledByItsOwn });
              },
            });
          },
        },
        {
          provide: TaskRunner,
          inject: [Database, Processor, Wakeups],
          useFactory: (db: Database, processor: Processor, wakeups: Wakeups) => new TaskRunner(db, processor, wakeups, runTasks),
        },
        {
          provide: OUTSIDE_GATE,
          inject: [Database, OutsideTroubles, OutsideSightings, PinoLogger],
          useFactory: (db: Database, troubles: OutsideTroubles, sightings: OutsideSightings, logger: PinoLogger) => {
            const gate = new SharedOutsideGate(db, troubles, sightings, logger, {
              simplyprintPerSecond: config.simplyprint.requestsPerSecond,
              longestTurnMs: config.outsideTurnMs,
            });
            return onPoint ? new PointedGate(gate, onPoint) : gate;
          },
        },
        Logger,
        EventBus,
        CronSlots,
        TaskHandlers,
        TaskFailures,
        OutsideTroubles,
        OutsideSightings,
        MailReadiness,
        Health,
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_PIPE, useClass: InputPipe },
      ],
      exports: [Logger, CONFIG, CLOCK, OUTSIDE_GATE, Database, EventLog, Processor, EventBus, CronSlots, TaskFailures, TaskHandlers, OutsideTroubles, Health, MailReadiness],
    };
  }
}
