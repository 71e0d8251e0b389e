import { Injectable } from '@nestjs/common';
import { DomainError } from '@forma3d/kernel';
import type { StoreResolver } from '@forma3d/platform';
import { Stores } from './stores';

/** The only store there is, else the one that the request names. */
@Injectable()
export class StoreOfRequest implements StoreResolver {
  constructor(private readonly stores: Stores) {}

  async resolve(asked: string | undefined): Promise<string> {
    const all = await this.stores.all();
    if (asked !== undefined) {
      const store = all.find((each) => each.id === asked.toLowerCase());
      if (!store) throw new DomainError('store-not-found', 'There is no such store.');
      return store.id;
    }
    const [only, another] = all;
    if (only && !another) return only.id;
    throw new DomainError('store-required', 'There are several stores: say which one in the header X-Store-Id.', {
      errors: [{ path: 'x-store-id', message: 'is required' }],
    });
  }
}
