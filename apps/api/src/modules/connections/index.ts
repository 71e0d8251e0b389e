export { Connections } from './connections';
export { ConnectionsModule } from './connections.module';
