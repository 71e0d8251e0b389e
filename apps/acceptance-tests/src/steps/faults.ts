import { Given, When } from '../scenario';

Given(/^the next answer of (Shopify|SimplyPrint) to "([^"]+)" is lost$/, async ({ scenario }, system: string, operation: string) => {
  await scenario.product.fault({ target: system.toLowerCase(), kind: 'lost-answer', operation, count: 1 });
});

When('Shopify is away for {int} seconds', async ({ scenario }, seconds: number) => {
  await scenario.product.fault({ target: 'shopify', kind: 'outage', for_s: seconds });
});
