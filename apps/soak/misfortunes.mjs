/** Lets the plan's misfortunes happen: kills, broken connections, a database that stops, sides that are away, hands at the farm. */
import { Refused } from './calls.mjs';
import { dice } from './dice.mjs';

/** @param {(words: string) => void} tell */
export function schedule({ plan, options, stage, timetable, tell }) {
  const counts = { kills: 0, severed: 0, spells: 0, postgresRestarts: 0 };
  const lives = stage.apis.map(() => Promise.resolve());
  for (const { at, apis, downS } of plan.kills) {
    timetable.at(at, () => Promise.all(apis.map((index) => {
      counts.kills += 1;
      // One after another for the same process: a plan may kill it while it is still down.
      lives[index] = lives[index].then(() => killAndStart(stage.apis[index], downS));
      return lives[index];
    })));
  }
  for (const { at, seed } of plan.severs) {
    timetable.at(at, () => {
      const die = dice(options.seed, 'severed', seed);
      counts.severed += stage.door.sever(() => die.chance(0.5));
    });
  }
  for (const { at, share } of plan.hands) timetable.at(at, () => cancelOnePrint(stage.control, share));
  for (const { at, forS, faults } of plan.spells) {
    timetable.at(at, async () => {
      counts.spells += 1;
      tell(`${faults.map(({ target, kind, status }) => `${target}: ${status ?? kind}`).join(', ')} for ${forS.toFixed(1)} s`);
      for (const fault of faults) await stage.control('POST', 'faults', { ...fault, for_s: forS });
    });
  }
  for (const at of plan.postgresRestarts) {
    timetable.at(at, async () => {
      counts.postgresRestarts += 1;
      tell('PostgreSQL stops at once');
      await stage.restartPostgres();
      tell('PostgreSQL is back');
    });
  }
  return counts;
}

/** Somebody at the farm cancels one of the prints that are on a printer; the operator will want it printed again. */
async function cancelOnePrint(control, share) {
  const ongoing = (await control('GET', 'simplyprint')).jobs.filter(({ status }) => status === 'ongoing');
  if (ongoing.length === 0) return;
  const { id } = ongoing[Math.floor(share * ongoing.length)];
  await control('POST', `simplyprint/jobs/${id}/cancel`, {}).catch((error) => {
    if (!(error instanceof Refused) || error.status !== 409) throw error; // it ended in this moment
  });
}

async function killAndStart(api, downS) {
  await api.kill();
  await new Promise((resolve) => setTimeout(resolve, downS * 1000));
  await api.start();
}
