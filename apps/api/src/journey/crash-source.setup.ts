import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { TASK_TYPES } from '@forma3d/contracts';
import { nameOfWrite } from '@forma3d/platform';
import { DOCUMENTS } from '@forma3d/shopify';

const ROOT = path.resolve(__dirname, '../../../..');
const LIBS = ['database', 'platform', 'shopify', 'simplyprint', 'tasks'].map((name) => `libs/${name}/src`);

/** A point without its side (`before-commit`, `claimed` …), and where it is written. */
export interface Seam {
  name: string;
  sides: readonly string[];
}

/** Seams that a journey passes only when something went wrong by itself, as on a busy machine, each with the reason why that will do. */
export const BY_CHANCE: Readonly<Record<string, string>> = {
  'statement update outside_limit blocked_until': 'lets the next call try at once whether refused credentials are accepted, when the one that was to try was not sent; lost in a crash, the next tries a minute later',
  'statement update retry_queue status': 'hands tasks back at an orderly end, or after trouble of the database; lost in a crash, their leases bring them back (libs/tasks)',
};

/** Seams that no crash journey passes, each with the reason why it need not. Held against the source: none may be passed after all. */
export const NOT_ON_THE_WAY: Readonly<Record<string, string>> = {
  'outside shopify fulfillmentCancel': 'nothing in the product cancels a fulfillment yet',
  'outside shopify fulfillment': 'further lines of a fulfillment of more than a page: a question, asked again like the first',
  'outside shopify fulfillmentOrderLineItems': 'further lines of a fulfillment order of more than a page: a question, asked again like the first',
  'outside shopify orderFulfillmentIds': 'further fulfillments of an order of more than a page: a question, asked again like the first',
  'outside shopify orderFulfillmentOrders': 'further fulfillment orders of an order of more than a page: a question, asked again like the first',
  'outside shopify orderLineItems': 'further lines of an order of more than a page: a question, asked again like the first',
  'outside shopify orderRefundIds': 'further refunds of an order of more than a page: a question, asked again like the first',
  'outside simplyprint account/Test': 'nothing in the product asks it yet',
  'outside simplyprint queue/groups/Get': 'nothing in the product asks it yet',
  'outside simplyprint queue/ReviveItem': 'nothing in the product revives an item by itself',
  'outside simplyprint files/GetFiles': 'nothing in the product asks it yet',
};

/** Everything in the source that a crash point belongs to. */
export function seamsOfTheSource(): Map<string, Seam> {
  const files = ['apps/api/src/modules', ...LIBS].flatMap(sources);
  const seams = [
    ...transactionNames(files).map((name) => ({ name: `transaction ${name}`, sides: ['before-commit', 'after-commit'] })),
    ...statementNames(files).map((name) => ({ name: `statement ${name}`, sides: ['before-send', 'after-answer'] })),
    ...operations(files).map((name) => ({ name: `outside ${name}`, sides: ['before-send', 'after-answer'] })),
    ...TASK_TYPES.map((type) => ({ name: `task ${type}`, sides: ['claimed', 'returned', 'finished'] })),
  ];
  return new Map(seams.map((seam) => [seam.name, seam]));
}

interface Source {
  file: string;
  text: string;
}

function sources(folder: string): Source[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/\.(spec|setup|fixture)\.ts$|generated/.test(name))
    .map((name) => ({ file: path.join(folder, name), text: readFileSync(path.join(ROOT, folder, name), 'utf8') }));
}

const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1] ?? '');

/** @throws Error for a transaction whose name cannot be read off the source: it would be no known crash point */
function transactionNames(files: readonly Source[]): string[] {
  return files.flatMap(({ file, text }) =>
    matches(text, /\.transaction\(\s*([^,)]+),/g).flatMap((argument) => {
      if (/^'[^']+'$/.test(argument)) return [argument.slice(1, -1)];
      // The two places that are given the name: operators' acts, and what the clock does for each store.
      if (argument === 'name') return matches(text, /this\.act\('([^']+)'/g);
      if (argument === '`cron.${name}`') return files.flatMap((each) => matches(each.text, /perStore\.enqueue\('([^']+)'/g)).map((name) => `cron.${name}`);
      throw new Error(`${file}: the name of transaction ${argument} is not to be read off the source`);
    }),
  );
}

/** Of statements that write outside of any transaction: what hangs on the database itself. */
function statementNames(files: readonly Source[]): string[] {
  return files.flatMap(({ text }) => {
    const prepared = matches(text, /query\(\{ name: '([^']+)'/g);
    const inline = matches(text, /\b(?:db|reader)\.sql(?:\.(?:rows|maybe|one)\([^`]*?\))?`([^`]+)`/g).flatMap((statement) => nameOfWrite(statement) ?? []);
    return [...prepared, ...inline];
  });
}

function operations(files: readonly Source[]): string[] {
  const simplyprint = files.filter(({ file }) => file.includes('simplyprint-client.ts')).flatMap(({ text }) => matches(text, /path: '([^']+)'/g));
  return [
    ...Object.values(DOCUMENTS).map(({ operation }) => `shopify ${operation}`),
    ...new Set(simplyprint.map((name) => `simplyprint ${name}`)),
    'smtp send',
  ];
}
