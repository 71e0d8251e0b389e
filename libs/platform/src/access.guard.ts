import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { actAs } from '@forma3d/database';
import { DomainError } from '@forma3d/kernel';
import type { Config } from './config';
import { PUBLIC } from './public';
import { CONFIG } from './tokens';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Lets through what is `@Public()`, and who brings the bearer token ADMIN_TOKEN, whom what is written then names. */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly expected: Buffer;

  constructor(
    private readonly reflector: Reflector,
    @Inject(CONFIG) config: Config,
  ) {
    this.expected = digest(config.adminToken);
  }

  canActivate(context: ExecutionContext): boolean {
    if (this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC, [context.getHandler(), context.getClass()])) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const token = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
    // Digests are of one length, so that comparing takes one time whatever was sent.
    if (token !== undefined && timingSafeEqual(digest(token), this.expected)) {
      // In the scope rather than through an interceptor: those cost every request, and webhooks have no actor.
      actAs('admin');
      return true;
    }
    void context.switchToHttp().getResponse<FastifyReply>().header('www-authenticate', 'Bearer realm="forma3d"');
    throw new DomainError('unauthorized', 'A valid bearer token is needed here.');
  }
}
