import { createHash } from 'node:crypto';

import type { FarmData } from './farm-types';

/** 20 to 90 minutes, always the same for the same file. */
export function minutesOf(fileId: string): number {
  return 20 + (createHash('md5').update(fileId).digest().readUInt16BE(0) % 71);
}

/** The id of a file of the sandbox's own library, made from its name. */
export function libraryFileId(name: string): string {
  return createHash('md5').update(name).digest('hex');
}

const LIBRARY = [
  'dragon-small', 'dragon-large', 'clip-set', 'planter-hex', 'vase-wall', 'headphone-stand', 'phone-dock', 'chess-white',
  'chess-black', 'dice-tower', 'token-tray', 'base-25mm', 'lamp-twist', 'key-ring',
];

const PRINTERS: [name: string, modelId: number, groupId: number][] = [
  ['Alder', 1, 1], ['Birch', 1, 1], ['Cedar', 1, 1], ['Dogwood', 2, 2], ['Elm', 2, 2], ['Fir', 2, 2],
];

/** Ids start from the clock, so that a farm that starts anew does not give out those of its predecessor again. */
const EPOCH = Date.UTC(2026, 0, 1);

/** A farm with its printers and its library and nothing to do. */
export function emptyFarm(speed: number, now: number): FarmData {
  const first = Math.max(1, Math.floor((now - EPOCH) / 1000)) * 10;
  return {
    nextQueueId: first + 1,
    // Far from the queue's, so that nobody mistakes one for the other.
    nextJobId: first * 2 + 500_000_000,
    nextId: 100,
    speed,
    queue: [],
    finished: [],
    jobs: [],
    printers: PRINTERS.map(([name, modelId, groupId], index) => ({
      id: 301 + index,
      name,
      modelId,
      groupId,
      state: 'operational',
      jobId: null,
    })),
    files: LIBRARY.map((name) => {
      const id = libraryFileId(name);
      return { id, name: `${name}.gcode`, minutes: minutesOf(id), createdAt: now };
    }),
    fields: [],
    webhooks: [],
    groups: [],
    calls: {},
  };
}
