import { z } from 'zod';

import type { Farm } from './farm';
import { fields, idSchema, pageOf, queryId, Refused, type Call } from './farm-call';
import { shownFields } from './farm-fields';
import type { FarmJob, FarmPrinter } from './farm-types';
import { groupName, jobCost } from './farm-webhooks';

const cancelSchema = z.looseObject({ reason: idSchema.pipe(z.number().min(1).max(6)), comment: z.string().default('') });

const historySchema = z.looseObject({
  printer_ids: z.array(idSchema).nullish(),
  status: z.union([z.array(z.string()), z.string().transform((one) => [one])]).nullish(),
});

/** `printers/…`, `jobs/…` and `files/…`. */
export function productionCalls(farm: Farm): Record<string, Call> {
  const printerJob = (query: URLSearchParams) => {
    const printer = farm.data.printers.find((each) => each.id === queryId(query, 'pid'));
    if (!printer) throw new Refused('Printer not found.');
    const job = printer.jobId === null ? undefined : farm.job(printer.jobId);
    if (!job) throw new Refused('The printer is not printing.');
    return job;
  };
  return {
    'printers/Get': {
      methods: ['POST'],
      run: ({ body }) => {
        const search = typeof body.search === 'string' ? body.search.toLowerCase() : '';
        const page = pageOf(farm.data.printers.filter((each) => each.name.toLowerCase().includes(search)), body);
        return { page_amount: page.pages, data: page.items.map((printer) => printerView(farm, printer)) };
      },
    },
    'printers/actions/Cancel': {
      methods: ['POST'],
      run: ({ query, body }) => {
        const job = printerJob(query);
        farm.endJob(job, 'cancelled', fields(cancelSchema, body));
        return {};
      },
    },
    'jobs/GetPaginatedPrintJobs': {
      methods: ['POST'],
      run: ({ body }) => {
        const { printer_ids: printers, status } = fields(historySchema, body);
        const jobs = farm.data.jobs
          .filter((job) => !printers || printers.length === 0 || printers.includes(job.printerId))
          .filter((job) => !status || status.length === 0 || status.includes(job.status))
          .reverse();
        const page = pageOf(jobs, body);
        return { data: page.items.map((job) => jobView(farm, job)), page_amount: page.pages };
      },
    },
    'jobs/GetDetails': {
      methods: ['GET'],
      run: ({ query }) => {
        const id = query.get('id') ?? '';
        const job = farm.data.jobs.find((each) => each.uid === id || String(each.id) === id);
        if (!job) throw new Refused('Print job not found.');
        return { job: jobDetails(farm, job) };
      },
    },
    'files/GetFiles': {
      methods: ['GET'],
      run: ({ query }) => {
        const search = (query.get('search') ?? '').toLowerCase();
        const files = farm.data.files.filter((file) => file.name.toLowerCase().includes(search));
        return {
          files: files.map((file) => ({
            id: file.id,
            name: file.name.replace(/\.gcode$/, ''),
            ext: 'gcode',
            type: 'printable',
            size: file.minutes * 40_000,
            created: new Date(file.createdAt).toUTCString(),
            createdint: Math.floor(file.createdAt / 1000),
            printData: {
              printsDone: farm.data.jobs.filter((job) => job.fileId === file.id && job.status === 'done').length,
              printsCancelled: farm.data.jobs.filter((job) => job.fileId === file.id && job.status === 'cancelled').length,
              printsFailed: farm.data.jobs.filter((job) => job.fileId === file.id && job.status === 'failed').length,
              timesSliced: 0,
            },
            user_id: 7,
            thumbnail: 0,
            folder: 0,
            user: 7,
            tags: {},
          })),
          folders: [],
          path: [],
          sort_type: '',
          space: 10_000_000_000,
          space_used: 0,
        };
      },
    },
  };
}

function printerView(farm: Farm, printer: FarmPrinter): Record<string, unknown> {
  const job = printer.jobId === null ? undefined : farm.job(printer.jobId);
  return {
    id: printer.id,
    sort_order: printer.id - 300,
    printer: {
      name: printer.name,
      state: printer.state,
      group: printer.groupId,
      position: printer.id - 300,
      online: printer.state !== 'offline',
      model: { id: printer.modelId, name: groupName(printer.groupId), brand: 'Sandbox', extruders: 1 },
      hasQueue: { items: farm.data.queue.length, fits: true },
      outOfOrder: 0,
    },
    filament: null,
    job: job
      ? {
          id: job.id,
          uid: job.uid,
          state: job.state,
          file: job.filename,
          percentage: farm.percentage(job),
          time: Math.round(farm.minutesLeft(job) * 60),
          canPreview: false,
          layer: null,
        }
      : null,
    tags: {},
  };
}

/** A job of the history. */
function jobView(farm: Farm, job: FarmJob): Record<string, unknown> {
  const date = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString().replace(/\.\d+Z$/, '+00:00'));
  return {
    id: job.id,
    uid: job.uid,
    status: job.status,
    filename: job.filename,
    filesystem_id: job.fileId,
    printer: job.printerId,
    user: 7,
    createdDate: date(job.createdAt),
    startDate: date(job.startedAt ?? job.createdAt),
    endDate: date(job.endedAt),
    currentPercentage: farm.percentage(job),
    printTime: job.minutesTotal * 60,
    cost: { estimate: job.status === 'ongoing', total_cost: jobCost(job), lines: [] },
    queueItem: { id: job.queueItemId, user: 7, queueNum: 1 },
    customFields: shownFields(farm.data.fields, job.customFields, 'print_job'),
  };
}

function jobDetails(farm: Farm, job: FarmJob): Record<string, unknown> {
  const printer = farm.data.printers.find((each) => each.id === job.printerId);
  const seconds = (ms: number | null) => (ms === null ? null : Math.floor(ms / 1000));
  return {
    id: job.id,
    uid: job.uid,
    state: job.state,
    file: job.filename,
    percentage: farm.percentage(job),
    time: Math.round(farm.minutesLeft(job) * 60),
    created: seconds(job.createdAt),
    started: seconds(job.startedAt),
    ended: seconds(job.endedAt),
    currentTime: seconds(farm.now()),
    failedReason: job.failedReason,
    cancelInfo: job.cancelInfo ? { ...job.cancelInfo, reason: String(job.cancelInfo.reason), by: 'Sam Printer', byOther: 0 } : null,
    cost: jobCost(job),
    customFields: shownFields(farm.data.fields, job.customFields, 'print_job'),
    outsideSystem: false,
    canPreview: false,
    layer: null,
    printer: { id: job.printerId, name: printer?.name ?? '', extruders: 1 },
  };
}
