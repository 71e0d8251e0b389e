import { Param, type PipeTransform } from '@nestjs/common';
import { DomainError } from '@forma3d/kernel';
import { z } from 'zod';

const uuid = z.uuid();

class UuidPipe implements PipeTransform<string, string> {
  constructor(private readonly name: string) {}

  transform(value: string): string {
    if (uuid.safeParse(value).success) return value.toLowerCase();
    throw new DomainError('invalid', `${this.name} in the path is not an id.`, {
      errors: [{ path: this.name, message: 'must be a UUID' }],
    });
  }
}

/** A path parameter that must be a UUID; 422 when it is none. */
export const UuidParam = (name: string): ParameterDecorator => Param(name, new UuidPipe(name));
