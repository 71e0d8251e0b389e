import { z } from 'zod';

import type { Farm } from './farm';
import { fields, idSchema, pageOf, queryId, Refused, type Call } from './farm-call';
import { shownFields } from './farm-fields';
import type { QueueItem } from './farm-types';

const ids = z.array(idSchema).nullish();

const customFieldSchema = z.looseObject({
  customFieldId: z.union([z.string(), z.number()]).transform(String),
  value: z.union([z.string(), z.number(), z.record(z.string(), z.unknown())]),
});

const addItemSchema = z.looseObject({
  filesystem: z.string().nullish(),
  fileId: z.union([z.string(), z.number()]).transform(String).nullish(),
  amount: idSchema.pipe(z.number().min(1).max(1000)).default(1),
  group: idSchema.nullish(),
  for_printers: ids,
  for_models: ids,
  for_groups: ids,
  tags: z.unknown().optional(),
  custom_fields: z.array(customFieldSchema).nullish(),
});

const updateItemSchema = z.looseObject({
  amount: idSchema.pipe(z.number().min(1).max(1000)).nullish(),
  note: z.string().nullish(),
  for_printers: ids,
  for_models: ids,
  for_groups: ids,
});

/** `queue/…`. */
export function queueCalls(farm: Farm): Record<string, Call> {
  const found = (query: URLSearchParams): QueueItem => {
    const item = farm.item(queryId(query, 'job'));
    if (!item) throw new Refused('Queue item not found.');
    return item;
  };
  const shown = (item: QueueItem) => itemView(farm, item);
  return {
    'queue/AddItem': {
      methods: ['POST'],
      run: ({ body }) => {
        const input = fields(addItemSchema, body);
        const fileId = input.filesystem ?? input.fileId;
        if (!fileId) throw new Refused('No file given: filesystem or fileId is needed.');
        const file = farm.file(fileId);
        if (!file) throw new Refused('File not found.');
        const { groups } = farm.data;
        const group = input.group ?? null;
        if (groups.length > 0 && !groups.some((each) => each.id === group)) throw new Refused('Queue group not found.');
        const item = farm.addItem(
          {
            fileId: file.id,
            group: groups.length > 0 ? group : null,
            note: null,
            left: input.amount,
            forPrinters: input.for_printers ?? [],
            forModels: input.for_models ?? [],
            forGroups: input.for_groups ?? [],
            tags: input.tags ?? null,
            customFields: customFields(farm, input.custom_fields ?? []),
          },
          file,
        );
        return { created_id: item.id };
      },
    },
    'queue/GetItems': {
      methods: ['GET', 'POST'],
      run: ({ method, query, body }) => {
        const groupId = method === 'POST' ? body.gid : query.get('gid');
        const wanted = groupId === null || groupId === undefined ? null : Number(groupId);
        const items = farm.data.queue.filter((item) => wanted === null || item.group === wanted);
        if (method === 'GET') {
          const groups = farm.data.groups.map(groupView);
          return { queue: { fits: true, items: items.map(shown) }, groups };
        }
        const page = pageOf(items, body);
        // The compact form leaves out what is long, custom fields among it.
        const view = (item: QueueItem) => (body.compact === true ? compactView(shown(item)) : shown(item));
        return { queue: page.items.map(view), total: page.total, page: page.page, page_amount: page.pages };
      },
    },
    'queue/GetItem': {
      methods: ['GET'],
      run: ({ query }) => {
        const item = farm.item(queryId(query, 'id'));
        if (!item) throw new Refused('Queue item not found.');
        return { queue: shown(item) };
      },
    },
    'queue/UpdateItem': {
      methods: ['POST'],
      run: ({ query, body }) => {
        const item = found(query);
        const input = fields(updateItemSchema, body);
        if (input.amount) item.left = input.amount;
        if (input.note !== undefined) item.note = input.note;
        if (input.for_printers) item.forPrinters = input.for_printers;
        if (input.for_models) item.forModels = input.for_models;
        if (input.for_groups) item.forGroups = input.for_groups;
        farm.changed();
        return {};
      },
    },
    'queue/DeleteItem': {
      methods: ['POST', 'GET'],
      run: ({ query }) => {
        farm.deleteItem(found(query).id);
        return {};
      },
    },
    'queue/ReviveItem': {
      methods: ['POST'],
      run: ({ query }) => {
        if (!farm.reviveItem(queryId(query, 'job'))) throw new Refused('Queue item not found.');
        return {};
      },
    },
    'queue/groups/Get': {
      methods: ['GET'],
      run: () => ({ list: farm.data.groups.map(groupView) }),
    },
    'queue/groups/Save': {
      methods: ['POST'],
      run: ({ body }) => {
        const { name } = fields(z.looseObject({ name: z.string().min(1) }), body);
        farm.data.nextId += 1;
        farm.data.groups.push({ id: farm.data.nextId, name, sortOrder: farm.data.groups.length });
        farm.changed();
        return {};
      },
    },
  };
}

function groupView(group: Farm['data']['groups'][number]) {
  return { id: group.id, name: group.name, virtual: false, extensions: ['gcode', 'bgcode', 'gco', '3mf'], sort_order: group.sortOrder };
}

/** By `fieldId` or by number, only fields that exist and are switched on. */
function customFields(farm: Farm, given: z.infer<typeof customFieldSchema>[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const { customFieldId, value } of given) {
    const field = farm.data.fields.find((each) => each.fieldId === customFieldId || String(each.id) === customFieldId);
    if (!field?.enabled) throw new Refused(`Custom field ${customFieldId} not found.`);
    values[field.fieldId] = typeof value === 'object' ? value : typeof value === 'number' ? { number: value } : { string: value };
  }
  return values;
}

function itemView(farm: Farm, item: QueueItem): Record<string, unknown> {
  return {
    id: item.id,
    index: farm.data.queue.indexOf(item) + 1,
    filename: item.filename,
    note: item.note,
    model: false,
    printable: true,
    type: 'printable',
    zipPrintable: false,
    zipNoModel: false,
    left: item.left,
    printed: item.printed,
    filesystem_id: item.fileId,
    group: item.group,
    for: { printers: item.forPrinters, models: item.forModels, groups: item.forGroups },
    analysis: { estimate: (farm.file(item.fileId)?.minutes ?? 0) * 60 },
    user: 'Sam Printer',
    user_id: 7,
    added: new Date(item.addedAt).toISOString(),
    tags: item.tags,
    customFields: shownFields(farm.data.fields, item.customFields, 'print_queue'),
  };
}

function compactView(item: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).filter(([key]) => !['customFields', 'analysis', 'tags', 'for'].includes(key)));
}
