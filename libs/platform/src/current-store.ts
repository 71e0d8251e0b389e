import { createParamDecorator, Inject, Injectable, type ExecutionContext, type PipeTransform } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { STORE_RESOLVER } from './tokens';

/** Which store a request is about. */
export interface StoreResolver {
  /**
   * @param asked the header `X-Store-Id`, if it was sent
   * @returns the store's id
   * @throws DomainError `store-required` when there are several and none was named, `store-not-found` when there is no such store
   */
  resolve(asked: string | undefined): Promise<string>;
}

@Injectable()
export class StoreOfRequest implements PipeTransform<string | undefined, Promise<string>> {
  constructor(@Inject(STORE_RESOLVER) private readonly stores: StoreResolver) {}

  transform(asked: string | undefined): Promise<string> {
    return this.stores.resolve(asked);
  }
}

const askedStore = createParamDecorator((_: unknown, context: ExecutionContext): string | undefined => {
  const header = context.switchToHttp().getRequest<FastifyRequest>().headers['x-store-id'];
  return typeof header === 'string' && header !== '' ? header : undefined;
});

/** The id of the store that the request is about: the only one there is, else the one that `X-Store-Id` names. */
export const CurrentStore = (): ParameterDecorator => askedStore(StoreOfRequest);
