import { createZodValidationPipe, type ZodValidationPipe } from 'nestjs-zod';
import { DomainError } from '@forma3d/kernel';
import { ZodError } from 'zod';

/** Checks what comes in against the zod schema of its DTO class (`createZodDto`); 422 naming every field that is wrong. */
export const InputPipe: typeof ZodValidationPipe = createZodValidationPipe({
  createValidationException: (error) => (error instanceof ZodError ? invalidInput(error) : error as Error),
});

/** The refusal of input that a schema refused. */
export function invalidInput(error: ZodError): DomainError<'invalid'> {
  return new DomainError('invalid', 'The input is not valid.', {
    errors: error.issues.map((issue) => ({ path: issue.path.map(String).join('.'), message: issue.message })),
  });
}
