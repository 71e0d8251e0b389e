import { Module } from '@nestjs/common';
import { Connections } from './connections';

@Module({ providers: [Connections], exports: [Connections] })
export class ConnectionsModule {}
