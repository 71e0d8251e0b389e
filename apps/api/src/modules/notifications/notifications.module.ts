import { createMailer, type Mail, type Mailer } from '@forma3d/mail';
import { CONFIG, pointedCall, POINTS, type Config, type PointWatcher } from '@forma3d/platform';
import { Inject, Module, type OnModuleDestroy } from '@nestjs/common';
import { MAILER, SendNotification } from './send-notification';

/** Tells people of what they must know. Nothing waits for it, and nothing else fails when it does. */
@Module({
  providers: [
    {
      provide: MAILER,
      inject: [CONFIG, POINTS],
      useFactory: ({ smtp, outsideTimeoutMs }: Config, points: PointWatcher | null): Mailer | null => {
        const mailer = smtp && createMailer({ ...smtp, timeoutMs: outsideTimeoutMs });
        return mailer && points ? { ...mailer, send: pointedCall(points, 'smtp send', (mail: Mail) => mailer.send(mail)) } : mailer;
      },
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
