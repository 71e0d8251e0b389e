export * from './attention';
export { attentionView } from './attention-view';
export { AttentionModule } from './attention.module';
export type { AttentionRow } from './attention.repository';
export * from './audit';
