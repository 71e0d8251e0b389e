import { z } from 'zod';

const port = (fallback: number) => z.coerce.number().int().min(0).max(65535).default(fallback);
const url = z.url({ protocol: /^https?$/ });

const settingsSchema = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  SANDBOX_PORT: port(4010),
  SANDBOX_SMTP_PORT: port(4025),
  SANDBOX_SPEED: z.coerce.number().min(0).max(100_000).default(60),
  SANDBOX_DATA: z.string().min(1).optional(),
  SANDBOX_WEBHOOK_URL: url.optional(),
  SANDBOX_SIMPLYPRINT_WEBHOOK_URL: url.optional(),
  SANDBOX_SHOPIFY_SECRET: z.string().min(1).default('sandbox-shopify-secret'),
  SANDBOX_SHOPIFY_TOKEN: z.string().min(1).default('shpat_sandbox'),
  SANDBOX_SHOP_DOMAIN: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*\.myshopify\.com$/)
    .default('forma3d-sandbox.myshopify.com'),
  SANDBOX_SIMPLYPRINT_KEY: z.string().min(1).default('sandbox-simplyprint-key'),
  SANDBOX_SIMPLYPRINT_SECRET: z.string().min(1).default('sandbox-simplyprint-secret'),
  SANDBOX_SIMPLYPRINT_COMPANY: z
    .string()
    .regex(/^\d+$/)
    .default('1'),
});

/** Everything that the sandbox can be told from outside. Ports of 0 mean any free one. */
export interface SandboxSettings {
  host: string;
  port: number;
  smtpPort: number;
  /** Print minutes that pass in one second; 0 stops the printers. */
  speed: number;
  /** File in which the state survives a restart; null keeps it in memory only. */
  dataFile: string | null;
  /** Receives Shopify webhooks as long as the app has made no subscription through the Admin API. */
  webhookUrl: string | null;
  /** Receives SimplyPrint webhooks as long as none was made through its API. */
  simplyPrintWebhookUrl: string | null;
  shopifySecret: string;
  shopifyToken: string;
  shopDomain: string;
  simplyPrintKey: string;
  simplyPrintSecret: string;
  simplyPrintCompany: string;
}

/** Every setting that cannot be used, by name and never by value. */
export class BadSettings extends Error {
  constructor(readonly problems: string[]) {
    super(`The sandbox cannot start:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

/** @throws BadSettings with all problems at once */
export function readSettings(env: Record<string, string | undefined>): SandboxSettings {
  // An empty variable counts as not set, as in a copied .env.example.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = settingsSchema.safeParse(given);
  if (!parsed.success) {
    throw new BadSettings(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  }
  const s = parsed.data;
  return {
    host: s.HOST,
    port: s.SANDBOX_PORT,
    smtpPort: s.SANDBOX_SMTP_PORT,
    speed: s.SANDBOX_SPEED,
    dataFile: s.SANDBOX_DATA ?? null,
    webhookUrl: s.SANDBOX_WEBHOOK_URL ?? null,
    simplyPrintWebhookUrl: s.SANDBOX_SIMPLYPRINT_WEBHOOK_URL ?? null,
    shopifySecret: s.SANDBOX_SHOPIFY_SECRET,
    shopifyToken: s.SANDBOX_SHOPIFY_TOKEN,
    shopDomain: s.SANDBOX_SHOP_DOMAIN,
    simplyPrintKey: s.SANDBOX_SIMPLYPRINT_KEY,
    simplyPrintSecret: s.SANDBOX_SIMPLYPRINT_SECRET,
    simplyPrintCompany: s.SANDBOX_SIMPLYPRINT_COMPANY,
  };
}
