import { Module } from '@nestjs/common';
import { Attention } from './attention';
import { AttentionController } from './attention.controller';
import { Audit } from './audit';

/** The one list of what needs a person, and the record of who did what. */
@Module({ controllers: [AttentionController], providers: [Attention, Audit], exports: [Attention, Audit] })
export class AttentionModule {}
