/**
 * Loaded first into an API process under test (`node --import`): its wall clock is moved by FORMA3D_CLOCK_MOVED_MS, and further by
 * each message `{ moveMs }`, so that a night comes in seconds. What waits for half a minute or longer waits by that clock, as what
 * is done at a time of day; what is done as seldom is done every second. Shorter timers and the database keep real time.
 */
let moved = Number(process.env.FORMA3D_CLOCK_MOVED_MS ?? '0');
const RealDate = Date;
const OFTEN_MS = 1_000;
const SELDOM_MS = 30_000;
const LOOK_MS = 20;
const now = () => RealDate.now() + moved;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, as) => Reflect.construct(target, args.length === 0 ? [now()] : args, as),
  apply: () => new RealDate(now()).toString(),
  get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
});

const { setInterval, setTimeout, clearTimeout } = globalThis;
const waiting = new Map();

/** A timeout by the moved clock; what holds the process is left to others. */
class Later {
  constructor(work, ms) {
    waiting.set(this, { work, at: now() + ms });
  }
  ref() { return this; }
  unref() { return this; }
  hasRef() { return false; }
}

setInterval(() => {
  for (const [later, { work, at }] of waiting) {
    if (now() < at) continue;
    waiting.delete(later);
    work();
  }
}, LOOK_MS).unref();

globalThis.setInterval = (work, ms, ...rest) => setInterval(work, ms >= SELDOM_MS ? OFTEN_MS : ms, ...rest);
globalThis.setTimeout = (work, ms, ...rest) => (ms >= SELDOM_MS ? new Later(() => work(...rest), ms) : setTimeout(work, ms, ...rest));
globalThis.clearTimeout = (timer) => {
  if (timer instanceof Later) waiting.delete(timer);
  else clearTimeout(timer);
};

process.on('message', ({ moveMs }) => {
  moved += moveMs;
  process.send?.({ movedMs: moved });
});
// A test that is gone wants no process any more; its end by itself is not held up by listening to the test.
process.on('disconnect', () => process.exit());
process.channel?.unref();
