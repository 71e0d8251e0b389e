import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Killed } from './crash-kills.setup';
import { LEASE_MS } from './crash-run.setup';
import { BY_CHANCE, NOT_ON_THE_WAY } from './crash-source.setup';

const PAGE = path.resolve(__dirname, '../../../../docs/crash-points.md');
const seconds = (ms: number): string => (ms / 1_000).toFixed(1);

/** The page that says what was shown; `npm run crash` writes it at its end. */
export function writeReport(killed: readonly Killed[], minutes: number): void {
  writeFileSync(PAGE, report(killed, minutes));
}

/** The points of the last full run with the journey that each was killed on. */
export function reported(): { point: string; journey: string }[] {
  return [...readFileSync(PAGE, 'utf8').matchAll(/^\| `([^`]+)` \| ([^|]+?) \|/gm)].map(([, point = '', journey = '']) => ({ point, journey }));
}

export function report(killed: readonly Killed[], minutes: number): string {
  const points = [...new Set(killed.map(({ point }) => point))].sort();
  const deaths = killed.filter(({ run }) => run?.death);
  const worst = (pick: (one: Killed) => number): string => seconds(Math.max(0, ...deaths.map(pick)));
  return `# Crash points: what was killed, and how it ended

Written by \`npm run crash\`, which starts the built API as a process of its own, ends it as \`kill -9\` does at one point of one journey,
starts it again, and compares what Shopify, the farm, the mailbox and our own records hold in the end with how the journey has to end.
[The architecture](architecture/README.md) tells why no point loses or doubles anything.

- ${String(points.length)} points, ${String(killed.length)} kills in ${minutes.toFixed(0)} minutes, ${String(killed.filter(({ fault }) => fault === null).length)} of them with the right end in time.
- Leases here last ${String(LEASE_MS / 1_000)} s. What a dead process held was taken up again after at most ${worst(({ run }) => run?.death?.takenUpMs ?? 0)} s.
- A point's first, second and last passing are tried, and some between where there are many; \`npm test\` tries a few points with each seed.

*Taken up*: from the death until no task was held by the dead process any more, at the worst of its kills; "—" where it held none.
*Ended*: from the death to the end of the journey; *undisturbed*: how long the same rest took without a death.

| point | journey | killed the nth time | taken up | ended | undisturbed | end |
|---|---|---|---|---|---|---|
${points.map((point) => row(point, killed.filter((one) => one.point === point))).join('\n')}

## Not on these ways

| what | why |
|---|---|
${Object.entries({ ...BY_CHANCE, ...NOT_ON_THE_WAY }).map(([name, why]) => `| ${name} | ${why} |`).join('\n')}
`;
}

function row(point: string, kills: readonly Killed[]): string {
  const worst = (pick: (one: Killed) => number): number => Math.max(0, ...kills.map(pick));
  const takenUp = worst(({ run }) => run?.death?.takenUpMs ?? 0);
  const slowest = [...kills].sort((a, b) => (b.afterMs ?? 0) - (a.afterMs ?? 0))[0];
  const faults = [...new Set(kills.flatMap(({ fault }) => fault ?? []))];
  const cells = [
    `\`${point}\``,
    kills[0]?.journey ?? '',
    kills.map(({ nth }) => nth).sort((a, b) => a - b).join(', '),
    takenUp === 0 ? '—' : `${seconds(takenUp)} s`,
    `${seconds(slowest?.afterMs ?? 0)} s`,
    `${seconds(slowest?.leftMs ?? 0)} s`,
    faults.length === 0 ? 'right' : faults.join('; ').replace(/[|\s]+/g, ' '),
  ];
  return `| ${cells.join(' | ')} |`;
}
