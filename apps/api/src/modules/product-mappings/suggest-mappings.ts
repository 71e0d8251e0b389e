import type { MappingSuggestion } from '@forma3d/contracts';
import { Database, int, uuid } from '@forma3d/database';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { likeness, shapeOf } from './sku-likeness';

/** Suggestions of one SKU. */
const MOST = 3;

const candidate = z.object({ n: int, id: uuid, sku: z.string() });

/** Finds mappings whose SKU is almost that of an unmapped line. */
@Injectable()
export class SuggestMappings {
  constructor(private readonly db: Database) {}

  /** For each SKU up to three mappings, likeliest first, and the same at every call. A few look-ups in an index for each, however many mappings there are. */
  async for(storeId: string, skus: readonly (string | null)[]): Promise<MappingSuggestion[][]> {
    const asked = skus.map((sku, n) => (sku === null ? { n, sku: '', key: null, stem: null, prefixes: [] } : { n, sku: sku.trim(), ...shapeOf(sku) }));
    const found = asked.every(({ key }) => key === null) ? [] : await this.candidates(storeId, asked);
    return asked.map(({ n, sku }) => best(sku, found.filter((each) => each.n === n)));
  }

  private candidates(storeId: string, asked: readonly object[]): Promise<z.output<typeof candidate>[]> {
    return this.db.sql.rows(candidate)`
      SELECT line.n, like_it.id, like_it.sku
      FROM jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) AS line (n int, sku text, key text, stem text, prefixes text[])
      CROSS JOIN LATERAL (
        (SELECT m.id, m.sku FROM product_mapping m
         WHERE m.store_id = ${storeId} AND m.sku_key = line.key AND m.sku <> line.sku ORDER BY m.sku LIMIT ${MOST})
        UNION
        (SELECT m.id, m.sku FROM product_mapping m
         WHERE m.store_id = ${storeId} AND m.sku_key = ANY (line.prefixes) ORDER BY length(m.sku_key) DESC, m.sku LIMIT ${MOST})
        UNION
        (SELECT m.id, m.sku FROM product_mapping m WHERE m.store_id = ${storeId} AND m.sku_stem = line.key ORDER BY m.sku LIMIT ${MOST})
        UNION
        (SELECT m.id, m.sku FROM product_mapping m WHERE m.store_id = ${storeId} AND m.sku_stem = line.stem ORDER BY m.sku LIMIT ${MOST})
      ) AS like_it`;
  }
}

function best(sku: string, candidates: readonly { id: string; sku: string }[]): MappingSuggestion[] {
  return candidates
    .flatMap((each) => {
      const alike = likeness(sku, each.sku);
      return alike === undefined ? [] : [{ ...each, ...alike }];
    })
    .sort((one, other) => one.rank - other.rank || (one.sku < other.sku ? -1 : 1))
    .slice(0, MOST)
    .map(({ id, sku: mapped, reason }) => ({ mapping_id: id, sku: mapped, reason }));
}
