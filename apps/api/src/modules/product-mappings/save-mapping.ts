import type { NewProductMapping, ProductMapping, ProductMappingChange, ProductMappingCopy } from '@forma3d/contracts';
import { Database } from '@forma3d/database';
import { DomainError, type Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import { Inject, Injectable } from '@nestjs/common';
import { MappingNews } from './mapping-news';
import { ProductMappingsRepository } from './product-mappings.repository';

/** Creates, changes, copies and deletes mappings one by one. */
@Injectable()
export class SaveMapping {
  constructor(
    private readonly db: Database,
    private readonly repository: ProductMappingsRepository,
    private readonly news: MappingNews,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  create(storeId: string, mapping: NewProductMapping): Promise<ProductMapping> {
    return this.db.transaction('product-mappings.create', async (tx) => {
      const saved = await this.repository.create(tx, storeId, mapping, this.clock.now());
      await this.news.saved(tx, storeId, [{ before: null, after: saved }]);
      return saved;
    });
  }

  /** Maps another SKU or variant to the parts of a mapping. */
  copy(storeId: string, id: string, copy: ProductMappingCopy): Promise<ProductMapping> {
    return this.db.transaction('product-mappings.copy', async (tx) => {
      // Locked, because its row and its parts are read one after the other.
      const { title, kind, parts } = await this.repository.lock(tx, storeId, id);
      const target = { sku: copy.sku, variant_id: copy.variant_id, title: copy.title ?? title, kind, parts };
      const saved = await this.repository.create(tx, storeId, target, this.clock.now());
      await this.news.saved(tx, storeId, [{ before: null, after: saved }], { copied_from: id });
      return saved;
    });
  }

  change(storeId: string, id: string, change: ProductMappingChange): Promise<ProductMapping> {
    return this.db.transaction('product-mappings.change', async (tx) => {
      const before = await this.repository.lock(tx, storeId, id);
      const after: ProductMapping = {
        ...before,
        title: change.title === undefined ? before.title : change.title,
        kind: change.kind ?? before.kind,
        // A mapping that becomes `none` gives up its parts; any other change of kind must bring them.
        parts: change.kind === 'none' ? [] : (change.parts ?? before.parts),
      };
      const partsGivenForNone = after.kind === 'none' && (change.parts ?? []).length > 0;
      if (partsGivenForNone || (after.kind === 'none') !== (after.parts.length === 0)) {
        throw new DomainError('invalid', 'The input is not valid.', {
          errors: [{ path: 'parts', message: 'a mapping of kind parts has at least one part, one of kind none has none' }],
        });
      }
      const saved = await this.repository.replace(tx, after, this.clock.now());
      await this.news.saved(tx, storeId, [{ before, after: saved }]);
      return saved;
    });
  }

  delete(storeId: string, id: string): Promise<void> {
    return this.db.transaction('product-mappings.delete', async (tx) => {
      const before = await this.repository.lock(tx, storeId, id);
      await this.repository.delete(tx, id);
      await this.news.deleted(tx, storeId, before);
    });
  }
}
