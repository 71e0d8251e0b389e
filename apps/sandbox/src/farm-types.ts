/** What the simulated print farm holds. Ids are numbers, as SimplyPrint writes them; times are milliseconds since 1970. */

export interface FarmFile {
  /** 32 hex digits. */
  id: string;
  name: string;
  /** How long one print takes. */
  minutes: number;
  createdAt: number;
}

export interface QueueItem {
  id: number;
  fileId: string;
  filename: string;
  group: number | null;
  note: string | null;
  /** Prints that have not started. */
  left: number;
  /** Prints that are done. */
  printed: number;
  forPrinters: number[];
  forModels: number[];
  forGroups: number[];
  tags: unknown;
  /** By `fieldId`. */
  customFields: Record<string, unknown>;
  addedAt: number;
}

export type JobStatus = 'ongoing' | 'cancelled' | 'failed' | 'done';

export interface FarmJob {
  id: number;
  uid: string;
  queueItemId: number;
  fileId: string;
  filename: string;
  printerId: number;
  status: JobStatus;
  /** `downloading` until the printer has its file, then `printing`, `paused`; after that as `status`. */
  state: string;
  customFields: Record<string, unknown>;
  createdAt: number;
  startedAt: number | null;
  endedAt: number | null;
  /** Print minutes still to go as of `asOf`, preparation included. */
  minutesLeft: number;
  minutesTotal: number;
  asOf: number;
  failedReason: string | null;
  cancelInfo: { reason: number; comment: string } | null;
}

export interface FarmPrinter {
  id: number;
  name: string;
  modelId: number;
  groupId: number;
  /** `operational` when it waits for work. */
  state: 'operational' | 'downloading' | 'printing' | 'paused' | 'offline';
  jobId: number | null;
}

export interface FarmField {
  id: number;
  fieldId: string;
  fieldLabel: string;
  fieldDescription: string;
  fieldType: string;
  category: string;
  /** Where it is shown: `print_queue`, `print_job`, `user_file`. */
  subCategory: string[];
  required: boolean;
  enabled: boolean;
  createdAt: number;
}

export interface FarmWebhook {
  id: number;
  name: string;
  description: string | null;
  url: string;
  secret: string | null;
  enabled: boolean;
  events: string[];
  createdAt: number;
}

export interface FarmGroup {
  id: number;
  name: string;
  sortOrder: number;
}

export interface FarmData {
  nextQueueId: number;
  nextJobId: number;
  nextId: number;
  speed: number;
  queue: QueueItem[];
  /** Items that left the queue; `queue/ReviveItem` brings them back. */
  finished: QueueItem[];
  jobs: FarmJob[];
  printers: FarmPrinter[];
  files: FarmFile[];
  fields: FarmField[];
  webhooks: FarmWebhook[];
  groups: FarmGroup[];
  /** Accepted calls by path. */
  calls: Record<string, number>;
}
