import type { z } from 'zod';
import { settingsSchema, type Settings, type Side } from './config-schema';

/** The settings as the code uses them: parsed, checked against each other, frozen. */
export interface Config {
  port: number;
  host: string;
  /** Where people and outside systems reach us, without a slash at the end. */
  appUrl: string;
  databaseUrl: string;
  /** Connections of this process to PostgreSQL. */
  databasePool: number;
  shopify: {
    shopDomain: string;
    accessToken: string;
    /** Any of them may have signed a delivery: both do while one is replaced by another. */
    webhookSecrets: readonly string[];
    apiVersion: string;
    apiBaseUrl: string | undefined;
  };
  simplyprint: {
    apiBaseUrl: string;
    companyId: string;
    apiKey: string;
    auth: 'api-key' | 'basic';
    webhookSecret: string;
    requestsPerSecond: number;
  };
  /** Null where no mail server is set. */
  smtp: { host: string; port: number; user: string | undefined; pass: string | undefined; from: string } | null;
  operatorEmail: string | undefined;
  adminEmail: string | undefined;
  notificationsEnabled: boolean;
  /** After how long people are told of an order that is on hold, or makes no progress though it is paid. */
  attentionAfterMs: { onHold: number; noProgress: number };
  /** How long after one alert the next ones of its kind are gathered, to go out together. */
  alertWindowMs: number;
  adminToken: string;
  secretsKey: string | undefined;
  sentryDsn: string | undefined;
  logLevel: Settings['LOG_LEVEL'];
  /** Sides that are simulated. */
  sandbox: ReadonlySet<Side>;
  /** How long after its deadline a call without an answer may still take effect outside. */
  settleMs: number;
  catchUpMinutes: number;
  /** How long an outside system may take to answer. */
  outsideTimeoutMs: number;
  /** How long a call may wait for its turn before it is sent. */
  outsideTurnMs: number;
  taskConcurrency: number;
  taskLeaseMs: number;
  printSweepSeconds: number;
  /** How long stored deliveries, which hold personal data, are kept. */
  deliveriesKeptMs: number;
  /** How long completed tasks are kept. */
  tasksKeptMs: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

const LONGEST_TURN_MS = 8_000;
const SHORTEST_TURN_MS = 1_000;

/**
 * What a lease leaves beside a call's time limit and the time in which a call without an answer may still take effect. So whoever
 * takes over the work of a dead process when its lease has run out finds that its last call is settled too, and waits no longer.
 */
function turnMs(s: Pick<Settings, 'TASK_LEASE_SECONDS' | 'OUTSIDE_TIMEOUT_MS' | 'SETTLE_SECONDS'>): number {
  const left = (s.TASK_LEASE_SECONDS - s.SETTLE_SECONDS) * 1_000 - s.OUTSIDE_TIMEOUT_MS;
  return Math.min(LONGEST_TURN_MS, Math.max(SHORTEST_TURN_MS, left));
}

/** Every setting that cannot be used, by name and never by value. */
export class BadSettings extends Error {
  override readonly name = 'BadSettings';

  constructor(readonly problems: readonly string[]) {
    super(`These settings cannot be used:\n${problems.map((each) => `  - ${each}`).join('\n')}`);
  }
}

/**
 * Reads the environment once. An empty variable counts as not set, as in a copied `.env.example`.
 *
 * @throws BadSettings with all problems at once
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''));
  const parsed = settingsSchema.safeParse(given);
  const problems = [...(parsed.error?.issues ?? []).map((issue) => inWords(issue, given)), ...disagreements(given)];
  if (parsed.success && parsed.data.OUTSIDE_TIMEOUT_MS > parsed.data.TASK_LEASE_SECONDS * 500) {
    problems.push('OUTSIDE_TIMEOUT_MS: must be at most half of TASK_LEASE_SECONDS');
  }
  if (!parsed.success || problems.length > 0) throw new BadSettings(problems);
  return Object.freeze(configOf(parsed.data));
}

function inWords(issue: z.core.$ZodIssue, given: Record<string, unknown>): string {
  const name = String(issue.path[0]);
  return given[name] === undefined ? `${name} is not set` : `${name}: ${issue.message}`;
}

/** Rules between settings; read from the raw values, so that they are told together with everything else that is wrong. */
function disagreements(given: Record<string, string | undefined>): string[] {
  const simulated = sides(given['FORMA3D_SANDBOX']);
  const real = ['shopify', 'simplyprint'].filter((side) => !simulated.has(side));
  const problems: string[] = [];
  if (real.length > 0 && given['SECRETS_KEY'] === undefined) {
    problems.push(`SECRETS_KEY is not set, which a real ${real.join(' and ')} needs`);
  }
  if (/^(true|1|yes)$/i.test(given['NOTIFICATIONS_ENABLED'] ?? String(simulated.has('smtp')))) {
    for (const name of ['SMTP_HOST', 'OPERATOR_EMAIL', ...(simulated.has('smtp') ? [] : ['SMTP_FROM'])]) {
      if (given[name] === undefined) problems.push(`${name} is not set, which notifications need`);
    }
  }
  return problems;
}

/** Who mails come from when nothing is said; a real mail server asks for SMTP_FROM before it is used. */
const SANDBOX_SENDER = 'Forma3D Connect <connect@forma3d.test>';

function sides(list: string | undefined): Set<string> {
  return new Set((list ?? '').split(',').map((each) => each.trim()));
}

function configOf(s: Settings): Config {
  const sandbox = new Set(s.FORMA3D_SANDBOX);
  return {
    port: s.PORT,
    host: s.HOST,
    appUrl: s.APP_URL ?? `http://localhost:${String(s.PORT)}`,
    databaseUrl: s.DATABASE_URL,
    databasePool: s.DATABASE_POOL,
    shopify: {
      shopDomain: s.SHOPIFY_SHOP_DOMAIN,
      accessToken: s.SHOPIFY_ADMIN_ACCESS_TOKEN,
      webhookSecrets: s.SHOPIFY_WEBHOOK_SECRETS,
      apiVersion: s.SHOPIFY_API_VERSION,
      apiBaseUrl: s.SHOPIFY_API_BASE_URL,
    },
    simplyprint: {
      apiBaseUrl: s.SIMPLYPRINT_API_BASE_URL,
      companyId: s.SIMPLYPRINT_COMPANY_ID,
      apiKey: s.SIMPLYPRINT_API_KEY,
      auth: s.SIMPLYPRINT_AUTH,
      webhookSecret: s.SIMPLYPRINT_WEBHOOK_SECRET,
      requestsPerSecond: s.SIMPLYPRINT_REQUESTS_PER_SECOND,
    },
    smtp:
      s.SMTP_HOST === undefined
        ? null
        : { host: s.SMTP_HOST, port: s.SMTP_PORT, user: s.SMTP_USER, pass: s.SMTP_PASS, from: s.SMTP_FROM ?? SANDBOX_SENDER },
    operatorEmail: s.OPERATOR_EMAIL,
    adminEmail: s.ADMIN_EMAIL,
    notificationsEnabled: s.NOTIFICATIONS_ENABLED ?? sandbox.has('smtp'),
    attentionAfterMs: { onHold: s.ATTENTION_ON_HOLD_HOURS * HOUR_MS, noProgress: s.ATTENTION_NO_PROGRESS_HOURS * HOUR_MS },
    alertWindowMs: s.ALERT_WINDOW_SECONDS * 1_000,
    adminToken: s.ADMIN_TOKEN,
    secretsKey: s.SECRETS_KEY,
    sentryDsn: s.SENTRY_DSN,
    logLevel: s.LOG_LEVEL,
    sandbox,
    settleMs: s.SETTLE_SECONDS * 1_000,
    catchUpMinutes: s.CATCH_UP_MINUTES,
    outsideTimeoutMs: s.OUTSIDE_TIMEOUT_MS,
    outsideTurnMs: turnMs(s),
    taskConcurrency: s.TASK_CONCURRENCY,
    taskLeaseMs: s.TASK_LEASE_SECONDS * 1_000,
    printSweepSeconds: s.PRINT_SWEEP_SECONDS,
    deliveriesKeptMs: s.DELIVERIES_KEPT_DAYS * DAY_MS,
    tasksKeptMs: s.TASKS_KEPT_DAYS * DAY_MS,
  };
}
