import type { AttentionItem } from '@forma3d/contracts';
import { actionsFor } from './attention-actions';
import type { AttentionRow } from './attention.repository';

/** An open item as the API shows it. */
export function attentionView(row: AttentionRow): AttentionItem {
  return { ...row, opened_at: row.opened_at.toISOString(), actions: actionsFor(row) };
}
