import { Module } from '@nestjs/common';
import { Mirror } from './mirror';

/** What the shop says now: order headers, lines, products, refunds. */
@Module({ providers: [Mirror], exports: [Mirror] })
export class MirrorModule {}
