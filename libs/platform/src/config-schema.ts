import { z } from 'zod';

/** Sides of the world that a simulation stands in for. */
export const SIDES = ['shopify', 'simplyprint', 'smtp'] as const;
export type Side = (typeof SIDES)[number];

const text = z.string().min(1);
const bounds = (least: number, most: number): string => `must be ${String(least)} to ${String(most)}`;
const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(least, bounds(least, most)).max(most, bounds(least, most)));
const url = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).transform((value) => value.replace(/\/+$/, ''));
const email = z.email('must be an e-mail address');
const yesOrNo = z
  .string()
  .toLowerCase()
  .pipe(z.enum(['true', 'false', '1', '0', 'yes', 'no'], 'must be true or false'))
  .transform((value) => ['true', '1', 'yes'].includes(value));
const commaList = z.string().transform((value) => value.split(',').map((each) => each.trim()).filter((each) => each !== ''));

/**
 * Every setting of the API by its name in the environment, with its default. `.env.example` tells what each means; a test holds
 * the two together. What must be there depends on which sides are real: see `readConfig`.
 */
export const settingsSchema = z.object({
  PORT: whole(0, 65_535).default(3000),
  HOST: text.default('127.0.0.1'),
  APP_URL: url.optional(),
  DATABASE_URL: text.refine((value) => /^postgres(ql)?:\/\//.test(value), 'must start with postgresql://'),

  SHOPIFY_SHOP_DOMAIN: text.toLowerCase().regex(/^[a-z0-9][a-z0-9-]*\.myshopify\.com$/, 'must look like something.myshopify.com'),
  SHOPIFY_ADMIN_ACCESS_TOKEN: text,
  SHOPIFY_WEBHOOK_SECRETS: commaList.pipe(z.array(text).min(1, 'must hold at least one secret')),
  SHOPIFY_API_VERSION: text.regex(/^(\d{4}-\d{2}|unstable)$/, 'must look like 2026-10').default('2026-10'),
  SHOPIFY_API_BASE_URL: url.optional(),

  SIMPLYPRINT_API_BASE_URL: url.default('https://api.simplyprint.io'),
  SIMPLYPRINT_COMPANY_ID: text.regex(/^\d+$/, 'must be a number'),
  SIMPLYPRINT_API_KEY: text,
  SIMPLYPRINT_AUTH: z.enum(['api-key', 'basic'], 'must be api-key or basic').default('api-key'),
  SIMPLYPRINT_WEBHOOK_SECRET: text,

  SMTP_HOST: text.optional(),
  SMTP_PORT: whole(1, 65_535).default(587),
  SMTP_USER: text.optional(),
  SMTP_PASS: text.optional(),
  SMTP_FROM: text.optional(),
  OPERATOR_EMAIL: email.optional(),
  ADMIN_EMAIL: email.optional(),
  NOTIFICATIONS_ENABLED: yesOrNo.optional(),

  ADMIN_TOKEN: text.min(16, 'must have at least 16 characters'),
  SECRETS_KEY: text.min(32, 'must have at least 32 characters').optional(),
  SENTRY_DSN: url.optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'must be fatal, error, warn, info, debug, trace or silent').default('info'),

  FORMA3D_SANDBOX: commaList.pipe(z.array(z.enum(SIDES, `may hold ${SIDES.join(', ')}`))).default([]),

  ATTENTION_ON_HOLD_HOURS: whole(1, 8_760).default(72),
  ATTENTION_NO_PROGRESS_HOURS: whole(1, 8_760).default(48),
  ALERT_WINDOW_SECONDS: whole(0, 86_400).default(600),
  SETTLE_SECONDS: whole(0, 600).default(15),
  CATCH_UP_MINUTES: whole(1, 60).default(3),
  OUTSIDE_TIMEOUT_MS: whole(100, 15_000).default(10_000),
  TASK_CONCURRENCY: whole(1, 500).default(32),
  TASK_LEASE_SECONDS: whole(3, 600).default(30),
  DATABASE_POOL: whole(2, 200).default(12),
  DELIVERIES_KEPT_DAYS: whole(1, 365).default(30),
  TASKS_KEPT_DAYS: whole(1, 365).default(7),
  SIMPLYPRINT_REQUESTS_PER_SECOND: whole(1, 1_000).default(5),
  PRINT_SWEEP_SECONDS: whole(1, 3_600).default(60),
});
export type Settings = z.output<typeof settingsSchema>;
export const SETTING_NAMES = Object.keys(settingsSchema.shape);
