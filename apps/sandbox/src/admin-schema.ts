import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { buildClientSchema, type GraphQLSchema, type IntrospectionQuery } from 'graphql';
import { z } from 'zod';

const FILE = 'admin_2026-10.json.gz';

const fileSchema = z.object({ data: z.custom<IntrospectionQuery>((value) => typeof value === 'object' && value !== null) });

let loaded: GraphQLSchema | undefined;

/**
 * Shopify's published Admin schema of version 2026-10 (see `schema/LICENSE`), built once for the process. Tests validate GraphQL documents
 * against it; the sandbox executes on it, so that what the real API refuses is refused here.
 */
export function loadAdminSchema(): GraphQLSchema {
  loaded ??= buildClientSchema(fileSchema.parse(JSON.parse(gunzipSync(readFileSync(schemaFile())).toString('utf8'))).data);
  return loaded;
}

/** Beside the sources when they run as they are, else found from the built file upwards. */
function schemaFile(): string {
  let folder = __dirname;
  for (;;) {
    for (const candidate of [join(folder, 'schema', FILE), join(folder, 'apps/sandbox/schema', FILE)]) {
      if (existsSync(candidate)) return candidate;
    }
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`Shopify's Admin schema ${FILE} was not found above ${__dirname}.`);
    folder = parent;
  }
}
