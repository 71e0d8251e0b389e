import { z } from 'zod';

interface AlertWords {
  /** The headline, as in the subject of its mail. */
  type: string;
  /** Serious ones go to the administrator too; the operator gets all. */
  serious: boolean;
  /** What it means and what to do, where the cause brings no words of its own. */
  message: string;
}

/** Everything people are alerted of, by kind: what it is called, how serious it is, what it asks for. */
export const ALERTS = {
  'fulfillment-failed': {
    type: 'Fulfillment Failed',
    serious: true,
    message: 'The order could not be fulfilled in Shopify. It is not tried again by itself: please look, and fulfill it by hand.',
  },
  'print-failed': {
    type: 'Print Failed',
    serious: false,
    message: 'A print failed for good. Please retry it, or set its status, so that the order can go on.',
  },
  'print-needs-review': { type: 'Print Needs Review', serious: false, message: 'A print needs a decision of yours.' },
  'cancellation-needs-review': {
    type: 'Cancellation Needs Review',
    serious: false,
    message: 'Prints that are no longer wanted are on a printer already. Please stop each one, or let it finish.',
  },
  'cancelled-but-fulfilled': {
    type: 'Cancelled But Fulfilled',
    serious: true,
    message: 'An order was cancelled while it was fulfilled, and the fulfillment was faster. Please stop the parcel, or tell the customer.',
  },
  'shopify-cancel-refused': {
    type: 'Shopify Did Not Cancel',
    serious: false,
    message: 'An order is cancelled here, and Shopify refused to cancel it. Please cancel it there, or ask again.',
  },
  'task-failed': {
    type: 'Task Failed',
    serious: true,
    message: 'Work in the background failed for good. Please look at it, and replay or discard it.',
  },
  'task-struggling': { type: 'Task Struggling', serious: false, message: 'Work in the background keeps failing, and is still being tried.' },
  'unmapped-product': {
    type: 'Unmapped Product',
    serious: false,
    message: 'An order waits for the product mapping of a line. Please map it: all orders that wait for it go on.',
  },
  'queue-item-unclear': {
    type: 'Print Queue Unclear',
    serious: false,
    message: 'It is not certain whether a print stands in SimplyPrint’s queue. Please look there.',
  },
  'sync-failed': {
    type: 'Sync Failed',
    serious: true,
    message: 'The sync with Shopify failed. Figures may be old until the next one succeeds.',
  },
  'metrics-drift': {
    type: 'Metrics Drift',
    serious: true,
    message: 'The nightly check found figures that differed from their source, and corrected them.',
  },
  'webhook-subscription-lost': {
    type: 'Webhook Subscription Lost',
    serious: true,
    message: 'Webhook subscriptions were gone and are being made again. What happened meanwhile is caught up with.',
  },
  'credentials-refused': {
    type: 'Credentials Refused',
    serious: true,
    message: 'An outside system refuses our credentials. Work for it waits, and goes on by itself once it accepts them again.',
  },
  'shop-uninstalled': {
    type: 'Shop Uninstalled',
    serious: true,
    message: 'The app was uninstalled from the shop. Nothing is received from it, or sent to it, until it is installed again.',
  },
  'api-version-drift': {
    type: 'Shopify API Version',
    serious: true,
    message: 'Shopify speaks another version of its API than asked for. Please move SHOPIFY_API_VERSION on.',
  },
  'data-requested': {
    type: 'Customer Data Request',
    serious: true,
    message: 'A customer asked the shop for the data that is held of them. Please download it, and answer within 30 days.',
  },
  'attention-needed': { type: 'Attention Needed', serious: false, message: 'Something needs a person. Please look at the dashboard.' },
  test: { type: 'Test Notification', serious: true, message: 'This is a test that somebody asked for. Notifications reach you.' },
} as const satisfies Record<string, AlertWords>;

export type AlertKind = keyof typeof ALERTS;
export const ALERT_KINDS = Object.keys(ALERTS) as [AlertKind, ...AlertKind[]];

/** Ways to people: mail, a chat's incoming webhook (Slack, Discord), a signed JSON webhook. */
export const NOTIFICATION_CHANNELS = ['email', 'chat', 'webhook'] as const;
export type NotificationChannel = (typeof NOTIFICATION_CHANNELS)[number];

const alertKind = z.enum(ALERT_KINDS);
const kinds = z
  .array(alertKind)
  .max(ALERT_KINDS.length)
  .nullable()
  .meta({ description: 'Which kinds of alert go this way; null: all of them.', example: ['fulfillment-failed', 'print-failed'] });
const url = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .max(2_000)
  .refine((value) => !URL.canParse(value) || new URL(value).username === '', 'must hold no user name or password');

/** How a chat takes a message: Slack (also Mattermost, and Discord’s addresses that end in `/slack`) or Discord. */
export const CHAT_FORMATS = ['slack', 'discord'] as const;
const chatFormat = z.enum(CHAT_FORMATS);
const host = z.string().meta({ description: 'Where it goes; the whole address is a secret and is not shown.', example: 'hooks.slack.com' });

/** How alerts of a store reach people. Addresses and secrets go in and do not come out again. */
export const notificationSettings = z
  .object({
    email: z.object({
      enabled: z.boolean().meta({ description: 'Whether mail is sent; by NOTIFICATIONS_ENABLED, SMTP_HOST and OPERATOR_EMAIL.' }),
      operator: z.boolean(),
      administrator: z.boolean().meta({ description: 'Whether serious alerts have an administrator to go to.' }),
    }),
    chat: z.object({ host, format: chatFormat, kinds, updated_at: z.iso.datetime() }).nullable(),
    webhook: z.object({ host, kinds, updated_at: z.iso.datetime() }).nullable(),
    kinds: z.array(z.object({ kind: alertKind, type: z.string(), serious: z.boolean() })),
  })
  .meta({
    id: 'NotificationSettings',
    example: {
      email: { enabled: true, operator: true, administrator: true },
      chat: { host: 'hooks.slack.com', format: 'slack', kinds: null, updated_at: '2026-11-21T09:00:00.000Z' },
      webhook: null,
      kinds: [{ kind: 'fulfillment-failed', type: 'Fulfillment Failed', serious: true }],
    },
  });
export type NotificationSettingsView = z.output<typeof notificationSettings>;

/** The whole of what a store chooses: null switches a channel off; a channel that is there keeps the address and secret that are left out. */
export const notificationSettingsChange = z
  .strictObject({
    chat: z
      .strictObject({ url: url.optional(), format: chatFormat.default('slack'), kinds: kinds.default(null) })
      .nullable(),
    webhook: z
      .strictObject({
        url: url.optional(),
        secret: z.string().min(16).max(200).optional().meta({ description: 'What requests are signed with; kept encrypted, never shown.' }),
        kinds: kinds.default(null),
      })
      .nullable(),
  })
  .meta({
    id: 'NotificationSettingsChange',
    example: {
      chat: { url: 'https://hooks.slack.com/services/T000/B000/XXXX', format: 'slack', kinds: null },
      webhook: { url: 'https://example.com/forma3d', secret: 'at-least-sixteen-characters', kinds: ['fulfillment-failed'] },
    },
  });
export type NotificationSettingsChange = z.output<typeof notificationSettingsChange>;

/** By which channels a test is on its way. */
export const notificationTest = z
  .object({ channels: z.array(z.enum(NOTIFICATION_CHANNELS)), message: z.string() })
  .meta({ id: 'NotificationTest', example: { channels: ['email', 'chat'], message: 'A test is on its way by email, chat.' } });
export type NotificationTest = z.output<typeof notificationTest>;
