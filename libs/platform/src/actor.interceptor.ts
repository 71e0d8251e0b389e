import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Observable } from 'rxjs';
import { withScope } from '@forma3d/database';
import { ACTOR, type RequestWithActor } from './access.guard';

/** Runs a handler in the scope of who asked, so that what it writes names them. */
@Injectable()
export class ActorInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const actor = context.switchToHttp().getRequest<RequestWithActor>()[ACTOR];
    if (actor === undefined) return next.handle();
    return new Observable((subscriber) => withScope({ actor }, () => next.handle().subscribe(subscriber)));
  }
}
