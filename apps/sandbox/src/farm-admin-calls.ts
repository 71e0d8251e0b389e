import { z } from 'zod';

import type { Farm } from './farm';
import { fields, idSchema, pageOf, Refused, type Call } from './farm-call';
import type { FarmField, FarmWebhook } from './farm-types';
import type { FarmWebhooks } from './farm-webhooks';

const fieldSchema = z.looseObject({
  id: idSchema.nullish(),
  fieldId: z
    .string()
    .min(1)
    .regex(/^[A-Za-z0-9_-]+$/),
  fieldLabel: z.string().min(1).nullish(),
  fieldDescription: z.string().nullish(),
  fieldType: z.string().default('text'),
  category: z.string().default('print'),
  subCategory: z.array(z.string()).default([]),
  required: z.boolean().default(false),
  enabled: z.boolean().default(true),
});

const webhookSchema = z.looseObject({
  id: idSchema.nullish(),
  name: z.string().min(1),
  description: z.string().nullish(),
  url: z.url({ protocol: /^https?$/ }),
  events: z.array(z.string()).min(1),
  secret: z.string().nullish(),
  enabled: z.boolean().default(true),
});

const toggleSchema = z.looseObject({ id: idSchema, enabled: z.boolean() });
const oneSchema = z.looseObject({ id: idSchema });

/** `account/…`, `custom_fields/…` and `webhooks/…`. */
export function adminCalls(farm: Farm, webhooks: FarmWebhooks): Record<string, Call> {
  const webhook = (body: unknown): FarmWebhook => {
    const { id } = fields(oneSchema, body);
    const found = farm.data.webhooks.find((each) => each.id === id);
    if (!found) throw new Refused('Webhook not found.');
    return found;
  };
  const newId = () => (farm.data.nextId += 1);
  return {
    'account/Test': { methods: ['GET'], run: () => ({ message: 'Your API key is valid!' }) },
    'custom_fields/Get': {
      methods: ['POST', 'GET'],
      run: ({ body }) => {
        const page = pageOf(farm.data.fields, body);
        return { data: page.items.map(fieldView), page_amount: page.pages, total: page.total };
      },
    },
    'custom_fields/Save': {
      methods: ['POST'],
      run: ({ body }) => {
        const input = fields(fieldSchema, body);
        const saved = {
          fieldId: input.fieldId,
          fieldLabel: input.fieldLabel ?? input.fieldId,
          fieldDescription: input.fieldDescription ?? '',
          fieldType: input.fieldType,
          category: input.category,
          subCategory: input.subCategory,
          required: input.required,
          enabled: input.enabled,
        };
        const existing = farm.data.fields.find((each) => each.id === input.id);
        const taken = farm.data.fields.some((each) => each !== existing && each.fieldId === input.fieldId);
        if (taken) throw new Refused('A custom field with this id already exists.');
        if (existing) Object.assign(existing, saved);
        else farm.data.fields.push({ id: newId(), ...saved, createdAt: farm.now() });
        return {};
      },
    },
    'custom_fields/SetEnabled': {
      methods: ['POST'],
      run: ({ body }) => {
        const { id, enabled } = fields(toggleSchema, body);
        const found = farm.data.fields.find((each) => each.id === id);
        if (!found) throw new Refused('Custom field not found.');
        found.enabled = enabled;
        return {};
      },
    },
    'webhooks/Get': {
      methods: ['GET'],
      run: () => ({ data: farm.data.webhooks.map((each) => ({ ...webhookView(each), created_at: new Date(each.createdAt).toISOString() })) }),
    },
    'webhooks/Create': {
      methods: ['POST'],
      run: ({ body }) => {
        const input = fields(webhookSchema, body);
        const saved = {
          name: input.name,
          description: input.description ?? null,
          url: input.url,
          secret: input.secret ?? null,
          enabled: input.enabled,
          events: input.events,
        };
        const existing = farm.data.webhooks.find((each) => each.id === input.id);
        if (existing) {
          Object.assign(existing, saved);
          return { webhook: webhookView(existing) };
        }
        const created = { id: newId(), ...saved, createdAt: farm.now() };
        farm.data.webhooks.push(created);
        return { webhook: webhookView(created) };
      },
    },
    'webhooks/Delete': {
      methods: ['POST'],
      run: ({ body }) => {
        const found = webhook(body);
        farm.data.webhooks = farm.data.webhooks.filter((each) => each !== found);
        return {};
      },
    },
    'webhooks/SetEnabled': {
      methods: ['POST'],
      run: ({ body }) => {
        webhook(body).enabled = fields(toggleSchema, body).enabled;
        return {};
      },
    },
    'webhooks/TriggerTestWebhook': {
      methods: ['POST'],
      run: ({ body }) => {
        webhooks.send('test', { message: 'This is a test.' }, webhook(body));
        return {};
      },
    },
  };
}

function fieldView(field: FarmField): Record<string, unknown> {
  const { createdAt, ...rest } = field;
  const created = new Date(createdAt).toISOString().replace(/\.\d+Z$/, '+00:00');
  return {
    ...rest,
    fieldPlaceholder: null,
    fieldOptions: null,
    defaultValue: null,
    visibleToGroups: [],
    editableByGroups: [],
    validation: null,
    createdByUser: -1,
    user: 'Sam Printer',
    forPrinters: [],
    forModels: [],
    forGroups: [],
    position: 0,
    created,
    updated: created,
  };
}

function webhookView(webhook: FarmWebhook): Record<string, unknown> {
  const { id, name, description, url, secret, enabled, events } = webhook;
  return { id, name, description, url, secret, enabled, events, created_by: 'Sam Printer', company: 'Sandbox' };
}
