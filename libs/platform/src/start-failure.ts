import { troubleOf } from '@forma3d/database';
import { BadSettings } from './config';
import { Disagreement } from './task-handlers';

/** SQLSTATE → what is wrong with the database that was reached. */
const REFUSED: Readonly<Record<string, string>> = {
  '28P01': 'the database refuses the user or the password',
  '28000': 'the database refuses the user or the password',
  '3D000': 'the server has no database of that name',
  '42501': 'the user may not use the tables of the product',
  '42P01': 'the tables of the product are not there: run the migrations (npm run migrate)',
  '42703': 'the tables of the product are those of another version: run the migrations (npm run migrate)',
};

/**
 * Why a start failed, in words, where it is something that an operator can put right; undefined for what is a fault of the product. Names
 * settings, never their values.
 */
export function startFailure(error: unknown): string | undefined {
  if (error instanceof BadSettings || error instanceof Disagreement) return error.message;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (error instanceof Error && 'syscall' in error && error.syscall === 'listen') {
    return `Cannot listen at HOST and PORT: ${WHY_NOT_LISTEN[code] ?? code}.`;
  }
  const refused = REFUSED[code];
  if (refused !== undefined) return `Cannot start with DATABASE_URL: ${refused}.`;
  if (troubleOf(error) || code === 'ERR_INVALID_URL') return `Cannot start with DATABASE_URL: the database cannot be reached${code === '' ? '' : ` (${code})`}.`;
  return undefined;
}

const WHY_NOT_LISTEN: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken',
  EACCES: 'this user may not use the port',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'this machine has no such address',
};
