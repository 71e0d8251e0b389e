export * from './mirror';
export { MirrorModule } from './mirror.module';
