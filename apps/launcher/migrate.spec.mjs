import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { migrate } from './migrate.mjs';
import { prisma, readMigrations, withTemporaryCluster } from './prisma.mjs';

test('several at once bring a database that was not there to the newest migration, each migration once', async () => {
  await withTemporaryCluster(async (cluster) => {
    const url = cluster.url('fresh');
    const applied = await Promise.all([migrate(url), migrate(url), migrate(url)]);
    assert.deepEqual(applied.sort(), [0, 0, readMigrations().length].sort());

    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query('SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY 1');
    await client.end();
    assert.deepEqual(rows, readMigrations().map(({ name, checksum }) => ({ migration_name: name, checksum })), 'Prisma keeps the checksums that we compare with');

    const status = await prisma(['migrate', 'status'], { url });
    assert.equal(status.code, 0, status.stdout + status.stderr);
  });
});

test('Prisma itself says why it cannot connect, and does not repeat the password', async () => {
  const { code, stdout, stderr } = await prisma(['migrate', 'deploy'], { url: 'postgresql://someone:secret-word@127.0.0.1:1/nothing' });
  assert.notEqual(code, 0);
  assert.match(stderr, /P1001/);
  assert.doesNotMatch(stdout + stderr, /secret-word/);
});
