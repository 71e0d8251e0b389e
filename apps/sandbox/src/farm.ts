import { randomUUID } from 'node:crypto';

import type { Faults } from './faults';
import { emptyFarm, minutesOf } from './farm-stock';
import type { FarmData, FarmFile, FarmJob, FarmPrinter, JobStatus, QueueItem } from './farm-types';
import type { Scheduler } from './scheduler';

/** Minutes in which a printer fetches its file before it prints: the job exists already, `job.started` comes after them. */
const PREPARATION_MINUTES = 1;

export type FarmEvent =
  | { event: 'job.started' | 'job.done' | 'job.failed' | 'job.cancelled' | 'job.paused' | 'job.resumed'; job: FarmJob }
  | { event: 'queue.add_item' | 'queue.delete_item' | 'queue.revive_item'; item: QueueItem };

/**
 * The print farm: printers that take the first queue item meant for them as soon as they are free. Time runs at `speed` print minutes a second;
 * one timer waits for the next thing to happen.
 */
export class Farm {
  data: FarmData;
  private listeners: ((event: FarmEvent) => void)[] = [];
  private changeListeners: (() => void)[] = [];
  private cancelTimer: (() => void) | null = null;
  /** When free printers next look at the queue. Set once, so that a stream of new items cannot put it off. */
  private assignAt: number | null = null;

  constructor(
    readonly scheduler: Scheduler,
    private readonly faults: Faults,
    private readonly initialSpeed: number,
    saved?: FarmData,
  ) {
    this.data = saved ?? emptyFarm(initialSpeed, this.now());
    this.data.speed = initialSpeed;
    this.plan();
  }

  /** Nothing printed and nothing to print. Custom fields and webhooks stay unless all is to go; ids are never given out twice. */
  reset(everything: boolean): void {
    const { nextQueueId, nextJobId, nextId, fields, webhooks } = this.data;
    const kept = everything ? {} : { fields, webhooks };
    this.data = { ...emptyFarm(this.initialSpeed, this.now()), nextQueueId, nextJobId, nextId, ...kept };
    this.assignAt = null;
    this.changed();
    this.plan();
  }

  onEvent(listener: (event: FarmEvent) => void): void {
    this.listeners.push(listener);
  }

  onChange(listener: () => void): void {
    this.changeListeners.push(listener);
  }

  changed(): void {
    for (const listener of this.changeListeners) listener();
  }

  now(): number {
    return this.scheduler.now().getTime();
  }

  /** Prints under way go on at the new speed from where they are. */
  setSpeed(speed: number): void {
    for (const job of this.ongoing()) this.settle(job);
    this.data.speed = speed;
    this.assignAt = null;
    this.changed();
    this.plan();
  }

  /** A file by its id. One that is not known yet is taken over, as if it had been uploaded; null for what is no file id. */
  file(id: string): FarmFile | null {
    const known = this.data.files.find((file) => file.id === id);
    if (known) return known;
    if (!/^[0-9a-f]{32}$/.test(id) || /^0+$/.test(id)) return null;
    const file = { id, name: `part-${id.slice(0, 6)}.gcode`, minutes: minutesOf(id), createdAt: this.now() };
    this.data.files.push(file);
    return file;
  }

  addItem(input: Omit<QueueItem, 'id' | 'printed' | 'addedAt' | 'filename'>, file: FarmFile): QueueItem {
    const item: QueueItem = { ...input, id: this.data.nextQueueId, filename: file.name, printed: 0, addedAt: this.now() };
    this.data.nextQueueId += 1;
    this.data.queue.push(item);
    this.tell({ event: 'queue.add_item', item });
    // Not at once: between the answer and the first job there is time to look at the queue.
    this.plan();
    return item;
  }

  item(id: number): QueueItem | undefined {
    return this.data.queue.find((item) => item.id === id);
  }

  /** Prints that have started go on. */
  deleteItem(id: number): boolean {
    const item = this.item(id);
    if (!item) return false;
    this.data.queue = this.data.queue.filter((other) => other !== item);
    this.data.finished.push(item);
    this.tell({ event: 'queue.delete_item', item });
    return true;
  }

  /** One more print of an item, also of one that left the queue. */
  reviveItem(id: number): QueueItem | null {
    const waiting = this.item(id);
    const item = waiting ?? this.data.finished.find((other) => other.id === id);
    if (!item) return null;
    item.left += 1;
    if (!waiting) {
      this.data.finished = this.data.finished.filter((other) => other !== item);
      this.data.queue.push(item);
    }
    this.tell({ event: 'queue.revive_item', item });
    this.plan();
    return item;
  }

  job(id: number): FarmJob | undefined {
    return this.data.jobs.find((job) => job.id === id);
  }

  /** Ends a print that is under way; false when it has ended already. */
  endJob(job: FarmJob, status: Exclude<JobStatus, 'ongoing'>, why?: { reason: number; comment: string }): boolean {
    if (job.status !== 'ongoing') return false;
    this.settle(job);
    // A print that is called done before it started has started all the same.
    if (job.startedAt === null && status !== 'cancelled') this.start(job);
    job.status = status;
    job.state = status;
    job.endedAt = this.now();
    if (status === 'failed') job.failedReason = why?.comment ?? 'The print came loose from the bed.';
    if (status === 'cancelled') job.cancelInfo = why ?? { reason: 6, comment: '' };
    const printer = this.printerOf(job);
    if (printer) {
      printer.jobId = null;
      printer.state = 'operational';
    }
    const item = this.item(job.queueItemId);
    if (item) {
      if (status === 'done') item.printed += 1;
      this.leaveWhenFinished(item);
    }
    this.tell({ event: status === 'done' ? 'job.done' : status === 'failed' ? 'job.failed' : 'job.cancelled', job });
    this.plan();
    return true;
  }

  /** Per cent of a print, 0 to 100. */
  percentage(job: FarmJob): number {
    if (job.status === 'done') return 100;
    const printed = job.minutesTotal - Math.min(job.minutesTotal, this.minutesLeft(job));
    return Math.floor((100 * printed) / job.minutesTotal);
  }

  minutesLeft(job: FarmJob): number {
    if (job.status !== 'ongoing') return job.minutesLeft;
    return Math.max(0, job.minutesLeft - ((this.now() - job.asOf) / 1000) * this.data.speed);
  }

  ongoing(): FarmJob[] {
    return this.data.jobs.filter((job) => job.status === 'ongoing');
  }

  /** Lets everything happen that is due, then sets the timer for what comes next. */
  private plan(): void {
    this.cancelTimer?.();
    this.cancelTimer = null;
    if (this.data.speed === 0) return;
    const msPerMinute = 1000 / this.data.speed;
    const waits = this.ongoing().map((job) => {
      const left = this.minutesLeft(job);
      return (job.startedAt === null ? left - job.minutesTotal : left) * msPerMinute;
    });
    if (this.nextPair()) {
      this.assignAt ??= this.now() + PREPARATION_MINUTES * msPerMinute;
      waits.push(this.assignAt - this.now());
    }
    if (waits.length === 0) return;
    // Rounded up: a timer that fires a hair too early would plan the same moment again.
    this.cancelTimer = this.scheduler.after(Math.ceil(Math.max(0, Math.min(...waits))), () => this.happen());
  }

  private happen(): void {
    for (const job of this.ongoing()) {
      this.settle(job);
      if (job.startedAt === null && job.minutesLeft <= job.minutesTotal) this.start(job);
      if (job.status === 'ongoing' && job.minutesLeft <= 0) {
        const fails = this.faults.strike('simplyprint', 'fail-prints', job.filename, job.fileId);
        this.endJob(job, fails ? 'failed' : 'done');
      }
    }
    this.assignAt = null;
    for (let pair = this.nextPair(); pair; pair = this.nextPair()) this.assign(pair.printer, pair.item);
    this.changed();
    this.plan();
  }

  private nextPair(): { printer: FarmPrinter; item: QueueItem } | null {
    const free = this.data.printers.filter((printer) => printer.state === 'operational' && printer.jobId === null);
    for (const item of this.data.queue) {
      if (item.left < 1) continue;
      const printer = free.find((candidate) => suits(item, candidate));
      if (printer) return { printer, item };
    }
    return null;
  }

  private assign(printer: FarmPrinter, item: QueueItem): void {
    const minutes = this.file(item.fileId)?.minutes ?? minutesOf(item.fileId);
    const job: FarmJob = {
      id: this.data.nextJobId,
      uid: randomUUID(),
      queueItemId: item.id,
      fileId: item.fileId,
      filename: item.filename,
      printerId: printer.id,
      status: 'ongoing',
      state: 'downloading',
      customFields: item.customFields,
      createdAt: this.now(),
      startedAt: null,
      endedAt: null,
      minutesLeft: minutes + PREPARATION_MINUTES,
      minutesTotal: minutes,
      asOf: this.now(),
      failedReason: null,
      cancelInfo: null,
    };
    this.data.nextJobId += 1;
    this.data.jobs.push(job);
    item.left -= 1;
    printer.jobId = job.id;
    printer.state = 'downloading';
  }

  private start(job: FarmJob): void {
    job.startedAt = this.now();
    job.state = 'printing';
    const printer = this.printerOf(job);
    if (printer) printer.state = 'printing';
    this.tell({ event: 'job.started', job });
  }

  private settle(job: FarmJob): void {
    job.minutesLeft = this.minutesLeft(job);
    job.asOf = this.now();
  }

  private leaveWhenFinished(item: QueueItem): void {
    const busy = this.ongoing().some((job) => job.queueItemId === item.id);
    if (item.left > 0 || busy) return;
    this.data.queue = this.data.queue.filter((other) => other !== item);
    this.data.finished.push(item);
  }

  private printerOf(job: FarmJob): FarmPrinter | undefined {
    return this.data.printers.find((printer) => printer.jobId === job.id);
  }

  private tell(event: FarmEvent): void {
    this.changed();
    for (const listener of this.listeners) listener(event);
  }
}

function suits(item: QueueItem, printer: FarmPrinter): boolean {
  const open = item.forPrinters.length + item.forModels.length + item.forGroups.length === 0;
  return (
    open ||
    item.forPrinters.includes(printer.id) ||
    item.forModels.includes(printer.modelId) ||
    item.forGroups.includes(printer.groupId)
  );
}
