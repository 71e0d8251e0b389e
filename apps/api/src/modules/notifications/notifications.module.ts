import { createMailer, type Mailer } from '@forma3d/mail';
import { CONFIG, type Config } from '@forma3d/platform';
import { Inject, Module, type OnModuleDestroy } from '@nestjs/common';
import { MAILER, SendNotification } from './send-notification';

/** Tells people of what they must know. Nothing waits for it, and nothing else fails when it does. */
@Module({
  providers: [
    {
      provide: MAILER,
      inject: [CONFIG],
      useFactory: ({ smtp, outsideTimeoutMs }: Config): Mailer | null =>
        smtp && createMailer({ ...smtp, timeoutMs: outsideTimeoutMs }),
    },
    SendNotification,
  ],
})
export class NotificationsModule implements OnModuleDestroy {
  constructor(@Inject(MAILER) private readonly mailer: Mailer | null) {}

  onModuleDestroy(): void {
    this.mailer?.close();
  }
}
