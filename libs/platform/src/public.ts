import { SetMetadata } from '@nestjs/common';

export const PUBLIC = 'forma3d:public';

/** This route, or every route of this controller, needs no credential. */
export const Public = (): ClassDecorator & MethodDecorator => SetMetadata(PUBLIC, true);
