export { AccessModule } from './access.module';
export { PerStore } from './per-store';
export { type Store } from './store';
export { Stores } from './stores';
