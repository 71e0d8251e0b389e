import { setTimeout as wait } from 'node:timers/promises';

import { OutsideError } from '@forma3d/kernel';
import type { z } from 'zod';

import {
  addItemAnswer,
  customFieldsAnswer,
  filesAnswer,
  groupsAnswer,
  jobAnswer,
  jobsAnswer,
  MARKER_FIELD,
  nothing,
  printersAnswer,
  queueAnswer,
  webhookAnswer,
  webhooksAnswer,
} from './simplyprint-answers';
import { connectSimplyPrint, type AskSimplyPrint } from './simplyprint-api';
import type {
  AddItemInput,
  SimplyPrintClient,
  SimplyPrintClientOptions,
  SimplyPrintPrinter,
  SimplyPrintQueueItem,
} from './simplyprint-types';
import { WEBHOOK_EVENTS } from './simplyprint-webhook';

/** SimplyPrint's own upper limit. */
const PAGE_SIZE = 100;
/** Readings of the queue until one is as long as its own total says: people also move items while we read. */
const QUEUE_READINGS = 3;

/** More than any account has: an answer that promises more is read no further. */
const MOST_PAGES = 1_000;

/** @throws OutsideError `transient`: asked again, it may be told better */
function mayAsk(page: number, path: string): void {
  if (page <= MOST_PAGES) return;
  throw new OutsideError({ system: 'simplyprint', operation: path, failure: 'transient' }, `SimplyPrint, ${path}: the pages have no end`);
}

/** A page of a list is asked for so often, so long apart: without it all the pages before were read in vain. */
const PAGE_TRIES = 3;
const PAGE_AGAIN_MS = 250;
/** Longer waits are left to who asked for the list. */
const PAGE_WAITS_MS = 2_000;

/** Milliseconds after which a page may be asked for again; undefined where that is no use. */
function pageAgainMs(error: unknown, tries: number): number | undefined {
  if (tries >= PAGE_TRIES || !(error instanceof OutsideError)) return undefined;
  if (error.failure !== 'transient' && error.failure !== 'throttled') return undefined;
  const ms = error.retryAfterMs ?? PAGE_AGAIN_MS * tries;
  return ms <= PAGE_WAITS_MS ? ms : undefined;
}

/** The client of one account. Making one sends nothing. */
export function createSimplyPrintClient(options: SimplyPrintClientOptions): SimplyPrintClient {
  const ask = connectSimplyPrint(options);

  const askPage: AskSimplyPrint = async (call, schema, signal) => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await ask(call, schema, signal);
      } catch (error) {
        const again = signal?.aborted ? undefined : pageAgainMs(error, tries);
        if (again === undefined) throw error;
        await wait(again, undefined, signal ? { signal } : {}).catch(() => { throw error; }); // ended meanwhile
      }
    }
  };

  async function markerFieldExists(signal: AbortSignal | undefined): Promise<boolean> {
    for (let page = 1; ; page += 1) {
      const body = { page, page_size: PAGE_SIZE };
      const answer = await ask({ path: 'custom_fields/Get', method: 'POST', writes: false, body }, customFieldsAnswer, signal);
      if (answer.data.some((field) => field.fieldId === MARKER_FIELD && field.enabled !== false)) return true;
      if (page >= (answer.page_amount ?? 1) || answer.data.length === 0) return false;
      mayAsk(page + 1, 'custom_fields/Get');
    }
  }

  async function queuePage(page: number, signal: AbortSignal | undefined): Promise<z.output<typeof queueAnswer>> {
    // Not compact: that leaves out the custom fields.
    const body = { compact: false, page, page_size: PAGE_SIZE };
    return askPage({ path: 'queue/GetItems', method: 'POST', writes: false, body }, queueAnswer, signal);
  }

  /**
   * One reading of the whole queue, its last page first. Printers take items while we read, and those behind move up: read
   * forwards, an item that moves over the edge of a page would be overlooked, and what is overlooked is added again.
   */
  async function readQueue(signal: AbortSignal | undefined): Promise<{ seen: Map<string, SimplyPrintQueueItem>; total: number }> {
    const first = await queuePage(1, signal);
    // It may give smaller pages than asked for.
    const pages = first.pages ?? Math.ceil((first.total ?? 0) / Math.max(1, first.items.length));
    mayAsk(pages, 'queue/GetItems');
    let latest = first;
    const seen = new Map<string, SimplyPrintQueueItem>();
    for (let page = pages; page > 1; page -= 1) {
      for (const item of (await queuePage(page, signal)).items) seen.set(item.id, item);
      if (page === 2) latest = await queuePage(1, signal);
    }
    for (const item of latest.items) seen.set(item.id, item);
    return { seen, total: latest.total ?? seen.size };
  }

  const client: SimplyPrintClient = {
    test: async (signal) => {
      await ask({ path: 'account/Test', method: 'GET', writes: false }, nothing, signal);
    },

    listGroups: async (signal) => {
      const { list } = await ask({ path: 'queue/groups/Get', method: 'GET', writes: false }, groupsAnswer, signal);
      return list.map(({ id, name }) => ({ id, name }));
    },

    ensureMarkerField: async (signal) => {
      if (await markerFieldExists(signal)) return true;
      try {
        // Field names as `custom_fields/Get` answers them; the documentation shows no body for Save.
        const body = {
          fieldId: MARKER_FIELD,
          fieldLabel: 'Forma3D Connect',
          fieldDescription: 'Ties a print to its order. Do not change.',
          fieldType: 'text',
          category: 'print',
          subCategory: ['print_queue', 'print_job'],
          required: false,
          enabled: true,
        };
        await ask({ path: 'custom_fields/Save', method: 'POST', writes: true, body }, nothing, signal);
      } catch (error) {
        if (error instanceof OutsideError && error.failure === 'permanent') return false;
        throw error;
      }
      // Looked at again, because an answer without an error does not prove that this account shows the field.
      return markerFieldExists(signal);
    },

    addItem: async (input, signal) => {
      const call = { path: 'queue/AddItem', method: 'POST', writes: true, body: addItemBody(input) } as const;
      const { created_id: queueItemId } = await ask(call, addItemAnswer, signal);
      if (input.note === undefined) return { queueItemId, noteFailure: null };
      try {
        await client.updateItem(queueItemId, { note: input.note }, signal);
        return { queueItemId, noteFailure: null };
      } catch (error) {
        // The item is in the queue: failing now would have it added a second time for the sake of a remark.
        if (error instanceof OutsideError) return { queueItemId, noteFailure: error };
        throw error;
      }
    },

    listQueue: async (signal) => {
      let items = new Map<string, SimplyPrintQueueItem>();
      for (let reading = 1; reading <= QUEUE_READINGS; reading += 1) {
        const { seen, total } = await readQueue(signal);
        items = seen;
        if (items.size >= total) break;
      }
      return [...items.values()];
    },

    deleteItem: async (queueItemId, signal) => {
      await ask({ path: 'queue/DeleteItem', method: 'POST', writes: true, query: { job: queueItemId } }, nothing, signal);
    },

    updateItem: async (queueItemId, { amount, note }, signal) => {
      const body = { ...(amount === undefined ? {} : { amount }), ...(note === undefined ? {} : { note }) };
      await ask({ path: 'queue/UpdateItem', method: 'POST', writes: true, query: { job: queueItemId }, body }, nothing, signal);
    },

    reviveItem: async (queueItemId, signal) => {
      await ask({ path: 'queue/ReviveItem', method: 'POST', writes: true, query: { job: queueItemId } }, nothing, signal);
    },

    listPrinters: async (signal) => {
      const printers = new Map<string, SimplyPrintPrinter>();
      for (let page = 1; ; page += 1) {
        const body = { page, page_size: PAGE_SIZE };
        const answer = await askPage({ path: 'printers/Get', method: 'POST', writes: false, body }, printersAnswer, signal);
        for (const printer of answer.data) printers.set(printer.id, printer);
        if (page >= (answer.page_amount ?? 1) || answer.data.length === 0) return [...printers.values()];
        mayAsk(page + 1, 'printers/Get');
      }
    },

    listJobs: async ({ page, pageSize, status }, signal) => {
      const body = { page, page_size: Math.min(pageSize, PAGE_SIZE), ...(status === undefined ? {} : { status }) };
      const call = { path: 'jobs/GetPaginatedPrintJobs', method: 'POST', writes: false, body } as const;
      const answer = await askPage(call, jobsAnswer, signal);
      return { jobs: answer.data, pages: answer.page_amount ?? page };
    },

    getJob: async (uid, signal) => {
      try {
        return (await ask({ path: 'jobs/GetDetails', method: 'GET', writes: false, query: { id: uid } }, jobAnswer, signal)).job;
      } catch (error) {
        if (error instanceof OutsideError && saysNo(error)) return null;
        throw error;
      }
    },

    cancelPrinterJob: async (printerId, reason, comment, signal) => {
      const query = { pid: printerId };
      const body = { reason, comment };
      await ask({ path: 'printers/actions/Cancel', method: 'POST', writes: true, query, body }, nothing, signal);
    },

    findFiles: async (search, signal) =>
      (await ask({ path: 'files/GetFiles', method: 'GET', writes: false, query: { f: '0', search } }, filesAnswer, signal)).files,

    ensureWebhook: async (url, secret, signal) => {
      const { data } = await ask({ path: 'webhooks/Get', method: 'GET', writes: false }, webhooksAnswer, signal);
      const ours = data.find((webhook) => webhook.url === url);
      const complete =
        ours !== undefined &&
        Boolean(ours.enabled) &&
        WEBHOOK_EVENTS.every((event) => ours.events.includes(event)) &&
        // Not shown at all is taken for unchanged; shown as null, deliveries would carry none.
        (ours.secret === undefined || ours.secret === secret);
      if (ours && complete) return ours.id;
      const body = {
        ...(ours ? { id: toWireId(ours.id) } : {}),
        name: 'Forma3D Connect',
        url,
        secret,
        events: WEBHOOK_EVENTS,
        enabled: true,
      };
      return (await ask({ path: 'webhooks/Create', method: 'POST', writes: true, body }, webhookAnswer, signal)).webhook.id;
    },
  };
  return client;
}

/** Answered, and by SimplyPrint itself, that there is nothing of the kind: HTTP 404, or `status: false`. */
function saysNo(error: OutsideError): boolean {
  return error.failure === 'permanent' && (error.httpStatus === 404 || error.httpStatus === 200);
}

function addItemBody(input: AddItemInput): Record<string, unknown> {
  return {
    ...(input.filesystem === undefined ? {} : { filesystem: input.filesystem }),
    ...(input.fileId === undefined ? {} : { fileId: input.fileId }),
    amount: input.amount,
    ...(input.group === undefined ? {} : { group: toWireId(input.group) }),
    ...(input.forPrinters === undefined ? {} : { for_printers: input.forPrinters.map(toWireId) }),
    ...(input.forModels === undefined ? {} : { for_models: input.forModels.map(toWireId) }),
    ...(input.forGroups === undefined ? {} : { for_groups: input.forGroups.map(toWireId) }),
    ...(input.tags === undefined ? {} : { tags: input.tags }),
    ...(input.marker === null ? {} : { custom_fields: [{ customFieldId: MARKER_FIELD, value: { string: input.marker } }] }),
  };
}

/** Ids are numbers on SimplyPrint's side; whatever is not stays as it is. */
function toWireId(id: string): number | string {
  return /^\d{1,15}$/.test(id) ? Number(id) : id;
}
