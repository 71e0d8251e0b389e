/** Tells, in plain words, one order's way from paid to fulfilled; on a later start, what is already there. */
import { setTimeout as wait } from 'node:timers/promises';
import { DEMO_MAPPINGS, DEMO_ORDER } from './demo.mjs';
import { logsShown } from './place.mjs';
import { say, seconds } from './terminal.mjs';
import { storyOf } from './timeline-words.mjs';

/** How long the first order may take before we stop telling; it goes on by itself. */
const PATIENCE_MS = 180_000;

export async function tellTheJourney(place) {
  const { signal, sides } = place;
  try {
    const orders = await ask(place, 'GET', '/api/v1/orders?limit=1');
    if (orders.data.length > 0) await tellWhatIsThere(place);
    else if (sides.includes('simplyprint')) await travel(place); // a real farm gets no order of ours
    tellWhatToTry(place);
  } catch (error) {
    if (signal.aborted) return;
    say(`The story stops here, the product goes on: ${error.message}`);
  }
}

async function travel(place) {
  say('\nA first order, in the simulated shop and print farm (print time runs fast):\n');
  const known = new Set((await ask(place, 'GET', '/api/v1/product-mappings?limit=100')).data.map(({ sku }) => sku)); // a first start that was cut short
  for (const mapping of DEMO_MAPPINGS.filter(({ sku }) => !known.has(sku))) await ask(place, 'POST', '/api/v1/product-mappings', mapping);
  const mapped = DEMO_MAPPINGS.filter(({ kind }) => kind !== 'none').map(({ sku }) => sku);
  const from = Date.now();
  const tell = (words, at = Date.now()) => say(`  ${seconds(Math.max(0, at - from)).padStart(7)}  ${words}`);
  tell(`the team has said which files a product is printed from: ${mapped.join(', ')}`, from);
  tell(`a customer buys ${DEMO_ORDER.lines.map(({ sku, quantity }) => `${quantity} × ${sku}`).join(' and ')} and pays`, from);
  const placed = await ask(place, 'POST', '/control/orders', DEMO_ORDER);
  const order = await found(place, placed.name, from);
  if (!order) return say(`  The order did not arrive; look at ${logsShown}/api.log.`);
  return follow(place, { order, placed, from, tell });
}

/** The order's id here, by the name that Shopify gave it. */
async function found(place, name, from) {
  while (Date.now() - from < PATIENCE_MS) {
    const { data } = await ask(place, 'GET', '/api/v1/orders?limit=25');
    const order = data.find((one) => one.name === name);
    if (order) return order;
    await wait(100, undefined, { signal: place.signal });
  }
  return null;
}

async function follow(place, { order, placed, from, tell }) {
  const told = new Set();
  const tellNews = async () => {
    const { timeline } = await ask(place, 'GET', `/api/v1/orders/${order.id}`);
    const fresh = timeline.filter(({ id }) => !told.has(id));
    for (const { id } of fresh) told.add(id);
    for (const { words, at } of storyOf(fresh, order.name)) tell(words, at);
  };
  while (Date.now() - from < PATIENCE_MS) {
    await tellNews();
    const shopify = await ask(place, 'GET', `/control/orders/${placed.id}`);
    if (shopify.display_fulfillment_status === 'FULFILLED') {
      await wait(300, undefined, { signal: place.signal }); // Shopify knows a moment before our own record of it is committed
      await tellNews();
      const notified = shopify.fulfillments.some((one) => one.notified);
      tell(`Shopify says FULFILLED${notified ? ', and has told the customer' : ''}. Nobody touched it.`);
      return;
    }
    await wait(150, undefined, { signal: place.signal });
  }
  say(`  Not fulfilled after ${PATIENCE_MS / 1000} s; it goes on by itself. Its state: ${place.shownUrl}/api/v1/orders/${order.id}`);
}

async function tellWhatIsThere(place) {
  const { data, pagination } = await ask(place, 'GET', '/api/v1/orders?limit=100');
  const by = (status) => data.filter((order) => order.production_status === status).length;
  const parts = ['PENDING', 'PROCESSING', 'PARTIALLY_COMPLETED', 'COMPLETED', 'FAILED', 'CANCELLED']
    .map((status) => [by(status), status.toLowerCase().replace('_', ' ')])
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`);
  say(`\nStill there from before: ${pagination.has_more ? 'the newest ' : ''}${data.length} order${data.length === 1 ? '' : 's'}${parts.length > 0 ? ` (production: ${parts.join(', ')})` : ''}.`);
}

function tellWhatToTry({ shownUrl, sandbox, token }) {
  const json = `-H 'Content-Type: application/json' -d`;
  say(`
What to try next, in another terminal:

  another order      curl -s ${sandbox}/control/orders ${json} '{"lines":[{"sku":"DRAGON-L","quantity":2}]}'
  an unknown product curl -s ${sandbox}/control/orders ${json} '{"lines":[{"sku":"VASE-WALL","quantity":1}]}'
  what it became     curl -s ${shownUrl}/api/v1/orders -H 'Authorization: Bearer ${token}'
  what Shopify holds curl -s ${sandbox}/control/orders
  misbehave          curl -s ${sandbox}/control/faults ${json} '{"target":"shopify","kind":"outage","for_s":60}'
  lose an answer     curl -s ${sandbox}/control/faults ${json} '{"target":"simplyprint","kind":"lost-answer","operation":"queue/AddItem","count":1}'
  behave again       curl -s -X DELETE ${sandbox}/control/faults

  The whole API      ${shownUrl}/api/docs
  Your bearer token  ${token}  (ADMIN_TOKEN, for this sandbox alone)
  Logs               ${logsShown}/api.log, ${logsShown}/sandbox.log
`);
}

async function ask({ api, sandbox, token, signal }, method, path, body) {
  const base = path.startsWith('/control/') ? sandbox : api;
  const response = await fetch(`${base}${path}`, {
    method,
    headers: { ...(base === api ? { Authorization: `Bearer ${token}` } : {}), ...(body ? { 'Content-Type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.any([signal, AbortSignal.timeout(15_000)]),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 300)}`);
  return text === '' ? null : JSON.parse(text);
}
