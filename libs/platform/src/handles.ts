import { SetMetadata } from '@nestjs/common';
import type { TaskType } from '@forma3d/contracts';
import type { TaskHandler } from '@forma3d/tasks';

/** Metadata key under which a class says which task type it handles. */
export const HANDLES = 'forma3d:handles';

type HandlerClass<T extends TaskType> = abstract new (...args: never[]) => TaskHandler<T>;

/**
 * Says that an injectable class handles one task type; it is found at boot. The compiler checks that the class
 * implements `TaskHandler` of that type; the start fails unless every task type has exactly one handler.
 *
 *     @Injectable()
 *     @Handles('FULFILLMENT')
 *     export class CreateFulfillment implements TaskHandler<'FULFILLMENT'> { … }
 */
export function Handles<T extends TaskType>(type: T): (target: HandlerClass<T>) => void {
  return (target) => {
    SetMetadata(HANDLES, type)(target);
  };
}
