export * from './columns';
export * from './database';
export * from './listener';
export type { Orm } from './orm';
export { Prisma } from './generated/client';
export * from './pool';
export * from './scope';
export * from './sql';
export { DatabaseTrouble, troubleOf, type TroubleKind } from './trouble';
