import type { OutsideError, OutsideGate } from '@forma3d/kernel';

export interface SimplyPrintClientOptions {
  storeId: string;
  /** Where `/{companyId}/…` starts: `https://api.simplyprint.io`, or the sandbox's `…/simplyprint`. */
  baseUrl: string;
  companyId: string;
  apiKey: string;
  /** The documented header `X-API-KEY`, or HTTP Basic with the key as password. */
  auth: 'api-key' | 'basic';
  gate: OutsideGate;
  /** How long to wait for an answer, in milliseconds. */
  timeoutMs: number;
}

export interface SimplyPrintQueueGroup {
  id: string;
  name: string;
}

/** One file, some prints of it. Name the file by `filesystem` (32 hex digits) or `fileId`. */
export interface AddItemInput {
  filesystem?: string | undefined;
  fileId?: string | undefined;
  /** Number of prints. */
  amount: number;
  /** Queue group; required by SimplyPrint where groups exist. */
  group?: string | undefined;
  forPrinters?: string[] | undefined;
  forModels?: string[] | undefined;
  forGroups?: string[] | undefined;
  tags?: Record<string, unknown> | undefined;
  /** Our own id, kept in the custom field of `ensureMarkerField`; null where that field could not be made. */
  marker: string | null;
  /** Set with a second call, whose failure does not undo the first. */
  note?: string | undefined;
}

export interface SimplyPrintQueueItem {
  id: string;
  filename: string;
  filesystemId: string | null;
  /** Prints still to start. */
  left: number;
  /** Prints done. */
  printed: number;
  group: string | null;
  note: string | null;
  /** The value of our custom field. */
  marker: string | null;
}

export interface SimplyPrintPrinter {
  id: string;
  name: string;
  /** In SimplyPrint's words: `operational`, `printing`, `paused`, `offline` … */
  state: string;
  online: boolean;
  /** The print on it now. */
  job: { id: string; uid: string | null; state: string; percentage: number } | null;
}

export type SimplyPrintJobStatus = 'ongoing' | 'cancelled' | 'failed' | 'done';

export interface SimplyPrintJob {
  id: string;
  uid: string | null;
  status: SimplyPrintJobStatus;
  /** Null for prints that were not started from the queue. */
  queueItemId: string | null;
  marker: string | null;
  printerId: string | null;
  printerName: string | null;
  filename: string;
  /** The file's id, where the history tells it. */
  filesystemId: string | null;
  startedAt: Date | null;
  endedAt: Date | null;
  /** 0 to 100. */
  percentage: number;
  /** In the account's minor unit, when the vendor reckons costs. */
  costCents: number | null;
}

export interface SimplyPrintFile {
  id: string;
  name: string;
  ext: string | null;
}

/** Why a running print is stopped, SimplyPrint's numbers: 1 failed, 2 regretted, 3 clog, 4 fell off, 5 filament, 6 other. */
export type CancelReason = 1 | 2 | 3 | 4 | 5 | 6;

/**
 * What Forma3D Connect asks of one SimplyPrint account. Outside ids are numbers there and decimal strings here.
 *
 * Every method rejects with an `OutsideError`; `failure` says what that means. A write whose answer got lost is
 * `unknown`: there is no idempotency key, so look for the marker before adding again.
 */
export interface SimplyPrintClient {
  /** Resolves when the key works. */
  test(signal?: AbortSignal): Promise<void>;
  listGroups(signal?: AbortSignal): Promise<SimplyPrintQueueGroup[]>;
  /** Makes the custom field of our markers if it is missing. False where SimplyPrint refuses to make it. */
  ensureMarkerField(signal?: AbortSignal): Promise<boolean>;
  /** `noteFailure`: the item was added, but its note could not be set. */
  addItem(
    input: AddItemInput,
    signal?: AbortSignal,
  ): Promise<{ queueItemId: string; noteFailure: OutsideError | null }>;
  /** All pages. */
  listQueue(signal?: AbortSignal): Promise<SimplyPrintQueueItem[]>;
  deleteItem(queueItemId: string, signal?: AbortSignal): Promise<void>;
  updateItem(
    queueItemId: string,
    change: { amount?: number | undefined; note?: string | undefined },
    signal?: AbortSignal,
  ): Promise<void>;
  reviveItem(queueItemId: string, signal?: AbortSignal): Promise<void>;
  /** All pages. */
  listPrinters(signal?: AbortSignal): Promise<SimplyPrintPrinter[]>;
  /** One page of the job history, newest first; pages count from 1, at most 100 jobs each. */
  listJobs(
    input: { page: number; pageSize: number; status?: SimplyPrintJobStatus[] | undefined },
    signal?: AbortSignal,
  ): Promise<{ jobs: SimplyPrintJob[]; pages: number }>;
  /** Null when there is no such job. */
  getJob(uid: string, signal?: AbortSignal): Promise<SimplyPrintJobDetails | null>;
  /** Stops whatever the printer prints: make sure that its job is ours first. */
  cancelPrinterJob(printerId: string, reason: CancelReason, comment: string, signal?: AbortSignal): Promise<void>;
  findFiles(search: string, signal?: AbortSignal): Promise<SimplyPrintFile[]>;
  /** Subscribes `url` to the events that we read, once, with this secret. Answers the webhook's id. */
  ensureWebhook(url: string, secret: string, signal?: AbortSignal): Promise<string>;
}

/** `jobs/GetDetails`: says more than the history, but not the queue item. */
export interface SimplyPrintJobDetails {
  id: string;
  /** In SimplyPrint's words: `printing`, `paused`, `done`, `failed`, `cancelled` … */
  state: string;
  percentage: number;
  printerId: string | null;
  printerName: string | null;
  failedReason: string | null;
  cancelReason: string | null;
  cancelComment: string | null;
  costCents: number | null;
}
