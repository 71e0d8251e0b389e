/** Random decisions that depend on the seed and on what they are for, never on what else was drawn or when. */
import { createHash } from 'node:crypto';

/**
 * A stream of its own for one purpose: `dice(7, 'order', 12)` draws the same for ever, however many other orders there are.
 *
 * @param {number} seed
 * @param {...(string | number)} purpose
 */
export function dice(seed, ...purpose) {
  let state = createHash('sha256').update(JSON.stringify([seed, ...purpose])).digest().readUInt32LE(0);
  /** In [0, 1); mulberry32. */
  const draw = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    draw,
    chance: (share) => draw() < share,
    /** A whole number from `least` to `most`, both included. */
    whole: (least, most) => least + Math.floor(draw() * (most - least + 1)),
    between: (least, most) => least + draw() * (most - least),
    pick: (list) => list[Math.floor(draw() * list.length)],
    /** One of `[share, value]`, each as likely as its share of 1; null for what is left over. */
    oneOf(choices) {
      let left = draw();
      for (const [share, value] of choices) {
        if (left < share) return value;
        left -= share;
      }
      return null;
    },
  };
}
