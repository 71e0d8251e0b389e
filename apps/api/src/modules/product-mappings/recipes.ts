import type { MappingPart } from '@forma3d/contracts';
import type { Tx } from '@forma3d/database';
import { Injectable } from '@nestjs/common';
import { MappingBatchRepository } from './mapping-batch.repository';

/** How a SKU or variant is made. */
export interface Recipe {
  mappingId: string;
  kind: 'parts' | 'none';
  parts: MappingPart[];
}

/** What a line is looked up by. */
export interface MappableLine {
  id: string;
  sku: string | null;
  variantId: string | null;
}

/** Finds how bought lines are made. */
@Injectable()
export class Recipes {
  constructor(private readonly mappings: MappingBatchRepository) {}

  /** The recipe of each line that has one; the mapping of the variant beats that of the SKU. */
  async of(tx: Tx, storeId: string, lines: readonly MappableLine[]): Promise<Map<string, Recipe>> {
    const skus = lines.flatMap((line) => (line.sku === null ? [] : [line.sku.trim()]));
    const variantIds = lines.flatMap((line) => (line.variantId === null ? [] : [line.variantId]));
    if (skus.length + variantIds.length === 0) return new Map();
    const rows = await this.mappings.find(storeId, { skus, variantIds }, tx);
    const byVariant = new Map(rows.map((row) => [row.variant_id, row]));
    const bySku = new Map(rows.map((row) => [row.sku, row]));
    const found = new Map<string, Recipe>();
    for (const line of lines) {
      const row =
        (line.variantId === null ? undefined : byVariant.get(line.variantId)) ??
        (line.sku === null ? undefined : bySku.get(line.sku.trim()));
      if (row) found.set(line.id, { mappingId: row.id, kind: row.kind, parts: row.parts });
    }
    return found;
  }
}
