import type { Farm, FarmEvent } from './farm';
import type { FarmJob, FarmWebhook, QueueItem } from './farm-types';
import type { SandboxSettings } from './settings';
import type { WebhookSender } from './webhook-sender';

/** The id that deliveries to the configured fallback URL carry. */
const FALLBACK_ID = 1;

const USER = { id: 7, sso: false, first_name: 'Sam', last_name: 'Printer', avatar: null };

/** Tells of jobs and queue items. `job.*` bodies name the job and never its queue item: only the job history links the two. */
export class FarmWebhooks {
  constructor(
    private readonly farm: Farm,
    private readonly sender: WebhookSender,
    private readonly settings: Pick<SandboxSettings, 'simplyPrintWebhookUrl' | 'simplyPrintSecret'>,
  ) {}

  deliver(event: FarmEvent): void {
    const data = 'job' in event ? { job: jobBody(this.farm, event.job), user: USER } : { queue_item: itemBody(event.item), user: USER };
    this.send(event.event, data);
  }

  /** Also `test`, which people send by hand. */
  send(event: string, data: unknown, only?: FarmWebhook): void {
    for (const target of only ? [only] : this.targets(event)) {
      const body = { webhook_id: target.id, event, timestamp: Math.floor(this.farm.now() / 1000), data };
      this.sender.send({
        system: 'simplyprint',
        topic: event,
        url: target.url,
        body: JSON.stringify(body),
        headers: target.secret === null ? {} : { 'X-SP-Secret': target.secret, 'X-SP-Token': target.secret },
        // Nothing is documented about retries: a delivery that fails is gone.
        retryDelaysMs: [],
      });
    }
  }

  private targets(event: string): { id: number; url: string; secret: string | null }[] {
    const { webhooks } = this.farm.data;
    if (webhooks.length > 0) return webhooks.filter((webhook) => webhook.enabled && webhook.events.includes(event));
    const url = this.settings.simplyPrintWebhookUrl;
    return url === null ? [] : [{ id: FALLBACK_ID, url, secret: this.settings.simplyPrintSecret }];
  }
}

function jobBody(farm: Farm, job: FarmJob): unknown {
  const printer = farm.data.printers.find((each) => each.id === job.printerId);
  const seconds = (ms: number | null) => (ms === null ? null : Math.floor(ms / 1000));
  return {
    id: job.id,
    uid: job.uid,
    panel_url: `https://simplyprint.io/panel/${job.id}`,
    printer_id: job.printerId,
    state: job.state,
    file: job.filename,
    percentage: farm.percentage(job),
    time_left: job.status === 'ongoing' ? Math.round(farm.minutesLeft(job) * 60) : null,
    current_layer: null,
    analysis: { estimate: job.minutesTotal * 60 },
    started: seconds(job.startedAt),
    ended: seconds(job.endedAt),
    ai: null,
    autoprint: true,
    printer: { id: job.printerId, name: printer?.name ?? '', group: { id: printer?.groupId ?? 0, name: groupName(printer?.groupId) } },
    cost: jobCost(job),
    duration: job.endedAt !== null && job.startedAt !== null ? job.minutesTotal * 60 : null,
    skippedObjects: null,
  };
}

function itemBody(item: QueueItem): unknown {
  return {
    id: item.id,
    filename: item.filename,
    note: item.note,
    model: false,
    printable: true,
    type: 'printable',
    zipPrintable: false,
    zipNoModel: null,
    left: item.left,
    printed: item.printed,
    filesystem_id: item.fileId,
    for: { printers: item.forPrinters, models: item.forModels, groups: item.forGroups },
    tags: item.tags,
    group: item.group,
    analysis: null,
    added: new Date(item.addedAt).toISOString(),
    index: null,
    user: 'Sam Printer',
    user_id: USER.id,
    custom_fields: Object.entries(item.customFields).map(([id, value]) => ({ id, value })),
  };
}

export function groupName(id: number | undefined): string {
  return id === 2 ? 'Large bed' : 'Standard bed';
}

/** Two cents a minute: filament, machine time and all. In the account's currency. */
export function jobCost(job: FarmJob): number {
  return Number((job.minutesTotal * 0.02).toFixed(2));
}
