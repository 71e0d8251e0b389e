import { housekeepingJourneys } from './crash-housekeeping.setup';
import { nightJourneys } from './crash-nights.setup';
import { orderJourneys } from './crash-orders.setup';
import { peopleJourneys } from './crash-people.setup';
import { troubleJourneys } from './crash-troubles.setup';
import type { CrashJourney } from './crash-world.setup';

/** The journeys on which processes are killed: short ones, that together pass every point there is. */
export const JOURNEYS: readonly CrashJourney[] = [...orderJourneys, ...troubleJourneys, ...peopleJourneys, ...nightJourneys, ...housekeepingJourneys];
