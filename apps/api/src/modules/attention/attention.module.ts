import { Module } from '@nestjs/common';
import { Attention } from './attention';
import { AttentionCheck } from './attention-check';
import { AttentionController } from './attention.controller';
import { Audit } from './audit';

/** The one list of what needs a person, and the record of who did what. */
@Module({ controllers: [AttentionController], providers: [Attention, Audit, AttentionCheck], exports: [Attention, Audit] })
export class AttentionModule {}
