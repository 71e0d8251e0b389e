export { Connections, type VersionDrift } from './connections';
export { ConnectionsModule } from './connections.module';
