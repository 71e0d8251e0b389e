import { savedMappingPart, type NewProductMapping } from '@forma3d/contracts';
import { Database, fragment, nothing, uuid, type SqlText, type Tx } from '@forma3d/database';
import { newId } from '@forma3d/kernel';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { shapeOf } from './sku-likeness';

const row = z.object({
  id: uuid,
  sku: z.string().nullable(),
  variant_id: z.string().nullable(),
  title: z.string().nullable(),
  kind: z.enum(['parts', 'none']),
  parts: z.array(savedMappingPart),
});
/** A mapping to be written, or as it stands. */
export type StoredMapping = z.output<typeof row>;

/** SKUs and variants whose mappings are meant. */
export interface MappingKeys {
  skus: readonly string[];
  variantIds: readonly string[];
}

export const keysOf = (mappings: readonly Pick<NewProductMapping, 'sku' | 'variant_id'>[]): MappingKeys => ({
  skus: mappings.flatMap(({ sku }) => (sku === null ? [] : [sku])),
  variantIds: mappings.flatMap(({ variant_id }) => (variant_id === null ? [] : [variant_id])),
});

const PAGE = 500;

const SELECT = fragment`
  SELECT m.id, m.sku, m.variant_id, m.title, m.kind,
    COALESCE((
      SELECT jsonb_agg(jsonb_build_object(
        'name', p.name, 'file_id', p.file_id, 'file_name', p.file_name, 'copies_per_unit', p.copies_per_unit,
        'pieces_per_print', p.pieces_per_print, 'material', p.material, 'printer_group', p.printer_group,
        'tags', to_jsonb(p.tags)) ORDER BY p.position)
      FROM product_mapping_part p WHERE p.mapping_id = m.id), '[]') AS parts
  FROM product_mapping m`;
const withKeys = (storeId: string, { skus, variantIds }: MappingKeys): SqlText =>
  fragment`WHERE m.store_id = ${storeId} AND (m.sku = ANY (${skus}) OR m.variant_id = ANY (${variantIds}))`;

/** Reads and writes many mappings at once, each with its parts as they are at one moment. */
@Injectable()
export class MappingBatchRepository {
  constructor(private readonly db: Database) {}

  find(storeId: string, keys: MappingKeys, { sql }: Pick<Tx, 'sql'> = this.db): Promise<StoredMapping[]> {
    return sql.rows(row)`${SELECT} ${withKeys(storeId, keys)}`;
  }

  /** Finds them and holds them: who changes one meanwhile waits. Always in the same order, so that two who hold many do not wait for each other. */
  async lock(tx: Tx, storeId: string, keys: MappingKeys): Promise<StoredMapping[]> {
    await tx.sql`SELECT 1 FROM product_mapping m ${withKeys(storeId, keys)} ORDER BY m.id FOR UPDATE`;
    // A statement of its own sees what those wrote who were waited for.
    return this.find(storeId, keys, tx);
  }

  /** All mappings of a store by SKU, and then those of variants, page by page; what changes meanwhile is in it as before or as after. */
  async *all(storeId: string): AsyncGenerator<StoredMapping[], void> {
    yield* this.allBy(storeId, fragment`m.sku`, ({ sku }) => sku);
    yield* this.allBy(storeId, fragment`m.variant_id`, ({ variant_id }) => variant_id);
  }

  private async *allBy(storeId: string, key: SqlText, keyOf: (row: StoredMapping) => string | null): AsyncGenerator<StoredMapping[], void> {
    let last: string | null = null;
    do {
      const after: SqlText = last === null ? nothing : fragment`AND ${key} > ${last}`;
      const rows: StoredMapping[] = await this.db.sql.rows(row)`${SELECT} WHERE m.store_id = ${storeId} AND ${key} IS NOT NULL ${after} ORDER BY ${key} LIMIT ${PAGE}`;
      if (rows.length > 0) yield rows;
      const end = rows.at(-1);
      last = end === undefined || rows.length < PAGE ? null : keyOf(end);
    } while (last !== null);
  }

  /** Writes new mappings; those whose SKU or variant has got a mapping meanwhile are left out. Answers what was written. */
  async create<M extends StoredMapping>(tx: Tx, storeId: string, mappings: readonly M[], now: Date): Promise<M[]> {
    const rows = mappings.map(({ id, sku, variant_id, title, kind }) => {
      const { key, stem } = shapeOf(sku ?? '');
      return { id, sku, variant_id, sku_key: key, sku_stem: stem, title, kind };
    });
    const written = await tx.sql.rows(z.object({ id: uuid }))`
      INSERT INTO product_mapping (id, store_id, sku, variant_id, sku_key, sku_stem, title, kind, created_at, updated_at)
      SELECT id, ${storeId}, sku, variant_id, sku_key, sku_stem, title, kind, ${now}::timestamptz, ${now}::timestamptz
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS new
        (id uuid, sku text, variant_id text, sku_key text, sku_stem text, title text, kind text)
      ORDER BY sku, variant_id
      ON CONFLICT DO NOTHING RETURNING id`;
    const ids = new Set(written.map(({ id }) => id));
    const created = mappings.filter(({ id }) => ids.has(id));
    await this.insertParts(tx, created);
    return created;
  }

  /** Writes title, kind and parts of mappings that are held. */
  async replace(tx: Tx, mappings: readonly StoredMapping[], now: Date): Promise<void> {
    const rows = mappings.map(({ id, title, kind }) => ({ id, title, kind }));
    await tx.sql`
      UPDATE product_mapping m SET title = new.title, kind = new.kind, updated_at = ${now}
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS new (id uuid, title text, kind text) WHERE m.id = new.id`;
    await tx.sql`DELETE FROM product_mapping_part WHERE mapping_id = ANY (${rows.map(({ id }) => id)}::uuid[])`;
    await this.insertParts(tx, mappings);
  }

  private async insertParts(tx: Tx, mappings: readonly StoredMapping[]): Promise<void> {
    const rows = mappings.flatMap((mapping) => mapping.parts.map((part, position) => ({ ...part, id: newId(), mapping_id: mapping.id, position })));
    await tx.sql`
      INSERT INTO product_mapping_part
        (id, mapping_id, position, name, file_id, file_name, copies_per_unit, pieces_per_print, material, printer_group, tags)
      SELECT id, mapping_id, position, name, file_id, file_name, copies_per_unit, pieces_per_print, material, printer_group, tags
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS new
        (id uuid, mapping_id uuid, position smallint, name text, file_id text, file_name text, copies_per_unit int, pieces_per_print int,
         material text, printer_group text, tags text[])`;
  }
}
