import { z } from 'zod';

/** Waits are shorter than a merchant would set them: tests wait them out. */
export const QUICK = { SETTLE_SECONDS: '1', OUTSIDE_TIMEOUT_MS: '2000', TASK_LEASE_SECONDS: '5', PRINT_SWEEP_SECONDS: '2', SIMPLYPRINT_REQUESTS_PER_SECOND: '100', SANDBOX_SPEED: '600', ALERT_WINDOW_SECONDS: '3' };

const sharedProduct = z.object({
  /** Everything of this run. */
  folder: z.string(),
  place: z.object({ data: z.string(), ports: z.object({ PORT: z.string(), SANDBOX_PORT: z.string(), SANDBOX_SMTP_PORT: z.string() }) }),
  terminal: z.string(),
});
type SharedProduct = z.infer<typeof sharedProduct>;

/** Scenarios run in other processes, which inherit the environment. */
export function offer(product: SharedProduct): void {
  process.env['FORMA3D_ACCEPTANCE'] = JSON.stringify(product);
}

export function sharedProductNow(): SharedProduct {
  const offered = process.env['FORMA3D_ACCEPTANCE'];
  if (!offered) throw new Error('The product is started before the scenarios; run them with npm test -- --only acceptance.');
  return sharedProduct.parse(JSON.parse(offered));
}
