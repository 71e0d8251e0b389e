import { mailTemplate, type RenderedMail } from './mail-templates';
import { inOneLine, type ToldAlert, type ToldBatch } from './told-batch';

interface View extends Omit<ToldBatch, 'alerts'> {
  /** The only alert of its mail; null where there are several, which are listed. */
  single: ToldAlert | null;
  listed: (ToldAlert & { line: string })[];
}

const template = mailTemplate<View>('error-notification');

/** The mail of one alert, or of many of one kind. Everything that comes from outside is escaped in its HTML. */
export function renderAlert(batch: ToldBatch): RenderedMail {
  const { alerts, ...rest } = batch;
  const single = batch.count === 1 ? (alerts[0] ?? null) : null;
  const view: View = { ...rest, single, listed: single ? [] : alerts.map((alert) => ({ ...alert, line: inOneLine(alert) })) };
  return { subject: `[Forma3D.Connect] ${batch.headline}: Action Required`, html: template.html(view), text: template.text(view) };
}
