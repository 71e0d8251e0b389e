/** What a run is told, and what it does when it is told nothing. */

/** Every option with its default and its meaning. Rates are shares of 1. */
export const OPTIONS = {
  orders: [2000, 'orders to place'],
  seed: [null, 'repeats the decisions of an earlier run; drawn and shown when not given'],
  apis: [3, 'API processes on the one database'],
  pace: [2, 'orders a second; two free cores carry about that with everything going wrong'],
  speed: [300, 'print minutes a second'],
  duplicated: [0.2, 'webhooks that arrive twice'],
  lost: [0.1, 'webhooks that never arrive'],
  late: [0.1, 'webhooks that arrive four seconds late'],
  reordered: [0.1, 'webhooks that a later one overtakes'],
  undelivered: [0.02, 'webhooks whose first attempt fails, so that Shopify tries again'],
  'failed-prints': [0.1, 'prints that fail'],
  'lost-answers': [0.1, 'calls that change something outside and whose answer is lost after the work was done'],
  'late-answers': [0.03, 'such calls whose work happens only after our time limit'],
  'lost-reads': [0.02, 'other calls whose answer is lost'],
  slow: [0.02, 'calls that are answered slowly, within our time limit'],
  outages: [0.02, 'calls that reach nobody'],
  errors: [0.03, 'calls that are answered with 500'],
  throttled: [0.01, 'calls that are throttled'],
  refused: [0.01, 'fulfillments that Shopify refuses for good and an operator asks for again'],
  mail: [0.1, 'mails that fail, and half as many whose answer is lost'],
  'spell-every': [60, 'seconds between two spells in which a whole side is away (0: none)'],
  'kill-every': [20, 'seconds between two kills of an API process (0: none)'],
  'sever-every': [20, 'seconds between two moments in which half of the connections to PostgreSQL break (0: none)'],
  'hands-every': [15, 'seconds between two prints that somebody cancels at the printer (0: none)'],
  'postgres-restarts': [1, 'times that PostgreSQL is stopped at once and started again'],
  patience: [240, 'seconds without any movement after which what is open is called stuck'],
};
const COUNTS = ['orders', 'seed', 'apis', 'pace', 'speed', 'spell-every', 'kill-every', 'sever-every', 'hands-every', 'postgres-restarts', 'patience'];

/** A look at the same within `npm test`. */
const SHORT = { orders: 25, seed: 1, pace: 4, 'kill-every': 6, 'sever-every': 8, 'spell-every': 6, 'hands-every': 4, patience: 60 };

const defaults = () => Object.fromEntries(Object.entries(OPTIONS).map(([name, [value]]) => [name, value]));

export const usage = () => `npm run soak -- [--short] [--counts file] [--keep]\n${Object.entries(OPTIONS).map(([name, [value, words]]) => `  --${name.padEnd(18)}${words}${value === null ? '' : ` (${value})`}`).join('\n')}`;

/**
 * @param {string[]} args
 * @returns {Record<string, number> & { short: boolean, keep: boolean, counts: string | null }} `counts`: where the numbers of rules that
 *   held and did not are written; `keep`: the folder with logs and database stays
 * @throws {RangeError} in words for people
 */
export function readOptions(args, draw = () => Math.floor(Math.random() * 1_000_000)) {
  const left = [...args];
  const given = {};
  const flags = { short: false, keep: false, counts: null };
  while (left.length > 0) {
    const name = left.shift().replace(/^--/, '');
    if (name === 'short' || name === 'keep') flags[name] = true;
    else if (name === 'counts' && left.length > 0) flags.counts = left.shift();
    else if (name in OPTIONS && left.length > 0) given[name] = readNumber(name, left.shift());
    else throw new RangeError(`${name} is no option, or lacks its value.\n${usage()}`);
  }
  const options = { ...defaults(), ...(flags.short ? SHORT : {}), ...given };
  return { ...options, seed: options.seed ?? draw(), ...flags };
}

function readNumber(name, text) {
  const value = Number(text);
  const most = COUNTS.includes(name) ? Infinity : 1;
  if (text.trim() === '' || !(value >= 0 && value <= most)) throw new RangeError(`${name} must be a number from 0${most === 1 ? ' to 1' : ''}, not "${text}".`);
  return value;
}
