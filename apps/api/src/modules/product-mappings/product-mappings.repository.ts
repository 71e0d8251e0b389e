import type { MappingPart, NewProductMapping, ProductMapping, ProductMappingQuery } from '@forma3d/contracts';
import { Database, Prisma, type Orm, type Tx } from '@forma3d/database';
import { DomainError, newId } from '@forma3d/kernel';
import { Injectable } from '@nestjs/common';
import { shapeOf } from './sku-likeness';

type Row = Prisma.ProductMappingGetPayload<{ include: { parts: true } }>;
const WITH_PARTS = { parts: { orderBy: { position: 'asc' } } } as const;

function toView(row: Row): ProductMapping {
  return {
    id: row.id,
    sku: row.sku,
    variant_id: row.variantId,
    title: row.title,
    kind: row.kind === 'none' ? 'none' : 'parts',
    parts: row.parts.map((part) => ({
      name: part.name,
      file_id: part.fileId,
      file_name: part.fileName,
      copies_per_unit: part.copiesPerUnit,
      pieces_per_print: part.piecesPerPrint,
      material: part.material,
      printer_group: part.printerGroup,
      tags: part.tags,
    })),
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

const partRows = (parts: readonly MappingPart[]) =>
  parts.map((part, position) => ({
    id: newId(),
    position,
    name: part.name,
    fileId: part.file_id,
    fileName: part.file_name,
    copiesPerUnit: part.copies_per_unit,
    piecesPerPrint: part.pieces_per_print,
    material: part.material,
    printerGroup: part.printer_group,
    tags: part.tags,
  }));

@Injectable()
export class ProductMappingsRepository {
  constructor(private readonly db: Database) {}

  async list(storeId: string, query: ProductMappingQuery, before: string | undefined): Promise<ProductMapping[]> {
    const contains = query.q === undefined ? undefined : { contains: query.q, mode: 'insensitive' as const };
    const rows = await this.db.orm.productMapping.findMany({
      where: {
        storeId,
        ...(query.kind === undefined ? {} : { kind: query.kind }),
        ...(before === undefined ? {} : { id: { lt: before } }),
        ...(contains === undefined ? {} : { OR: [{ sku: contains }, { variantId: contains }, { title: contains }] }),
      },
      include: WITH_PARTS,
      orderBy: { id: 'desc' },
      take: query.limit + 1,
    });
    return rows.map(toView);
  }

  async get(storeId: string, id: string, orm: Orm = this.db.orm): Promise<ProductMapping> {
    const row = await orm.productMapping.findFirst({ where: { id, storeId }, include: WITH_PARTS });
    if (!row) throw new DomainError('product-mapping-not-found', 'There is no such product mapping.');
    return toView(row);
  }

  /** @throws DomainError `conflict` when the SKU or variant has one */
  async create(tx: Tx, storeId: string, mapping: NewProductMapping, now: Date): Promise<ProductMapping> {
    const shape = shapeOf(mapping.sku ?? '');
    try {
      const row = await tx.orm.productMapping.create({
        data: {
          id: newId(),
          storeId,
          sku: mapping.sku,
          variantId: mapping.variant_id,
          skuKey: shape.key,
          skuStem: shape.stem,
          title: mapping.title,
          kind: mapping.kind,
          createdAt: now,
          updatedAt: now,
          parts: { create: partRows(mapping.parts) },
        },
        include: WITH_PARTS,
      });
      return toView(row);
    } catch (error) {
      if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002') {
        const key = mapping.sku === null ? 'variant_id' : 'sku';
        throw new DomainError('conflict', `There is a mapping for this ${key} already.`, { [key]: mapping[key] });
      }
      throw error;
    }
  }

  /**
   * Locks the mapping, so that two changes follow each other.
   *
   * @throws DomainError `product-mapping-not-found`
   */
  async lock(tx: Tx, storeId: string, id: string): Promise<ProductMapping> {
    await tx.sql`SELECT 1 FROM product_mapping WHERE id = ${id} AND store_id = ${storeId} FOR UPDATE`;
    return this.get(storeId, id, tx.orm);
  }

  async replace(tx: Tx, mapping: ProductMapping, now: Date): Promise<ProductMapping> {
    await tx.orm.productMappingPart.deleteMany({ where: { mappingId: mapping.id } });
    const row = await tx.orm.productMapping.update({
      where: { id: mapping.id },
      data: { title: mapping.title, kind: mapping.kind, updatedAt: now, parts: { create: partRows(mapping.parts) } },
      include: WITH_PARTS,
    });
    return toView(row);
  }

  /** Deletes a mapping that is locked. */
  async delete(tx: Tx, id: string): Promise<void> {
    await tx.orm.productMapping.delete({ where: { id } });
  }
}
