import { Client } from 'pg';
import { useDatabase } from '@forma3d/testing';

const database = useDatabase();

test('a test file has a database of its own, with the tables of the migrations', async () => {
  const client = new Client({ connectionString: database.url() });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; there: boolean }>(`SELECT current_database() AS name, to_regclass('orders') IS NOT NULL AS there`);
    expect(rows[0]).toEqual({ name: expect.stringMatching(/^use_database_[0-9a-f]{8}$/) as string, there: true });
  } finally {
    await client.end();
  }
});
