declare global {
  /** Laid by database-environment.ts, which gives every `*.db.spec.ts` a database of its own. */
  var forma3dTestDatabase: string | undefined;
}

/**
 * The database of this test file: a fresh clone with all migrations applied and nothing in it, on a real PostgreSQL.
 *
 * It is dropped after the file, so end every pool of yours in `afterAll`: a connection that stays open fails the file. When a test failed
 * the database is kept, and its name and the way to open it are printed.
 */
export function useDatabase(): { url: () => string } {
  const url = globalThis.forma3dTestDatabase;
  if (url === undefined) throw new Error('Only files named *.db.spec.ts have a database');
  return { url: () => url };
}
