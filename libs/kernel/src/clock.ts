/** Where business code gets the time, so that tests can pass a clock of their own. Leases use the database's. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };
