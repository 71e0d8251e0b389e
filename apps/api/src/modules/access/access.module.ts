import { Global, Module } from '@nestjs/common';
import { STORE_RESOLVER } from '@forma3d/platform';
import { FirstStore } from './first-store';
import { PerStore } from './per-store';
import { StoreOfRequest } from './store-of-request';
import { Stores } from './stores';
import { StoresRepository } from './stores.repository';

/** Global, because `@CurrentStore()` asks it in every controller. */
@Global()
@Module({
  providers: [StoresRepository, Stores, FirstStore, PerStore, { provide: STORE_RESOLVER, useClass: StoreOfRequest }],
  exports: [Stores, PerStore, STORE_RESOLVER],
})
export class AccessModule {}
