import { z } from 'zod';

/** zod for columns as pg hands them over: names say the PostgreSQL type. */
export const uuid = z.string();
export const timestamptz = z.date();
export const int = z.number().int();
