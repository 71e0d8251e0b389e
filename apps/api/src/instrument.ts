import * as Sentry from '@sentry/nestjs';

// Imported before anything else, because Sentry hooks into modules while they load. Off without a DSN. Read from the
// environment itself: the configuration is checked later, and a start that fails on it should be reported as well.
const dsn = process.env['SENTRY_DSN'];
if (dsn !== undefined && dsn !== '') Sentry.init({ dsn, sendDefaultPii: false });
