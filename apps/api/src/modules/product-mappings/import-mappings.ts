import type { ImportedLine, NewProductMapping, ProductMappingImport } from '@forma3d/contracts';
import { Database, type Tx } from '@forma3d/database';
import { DomainError, newId, type Clock } from '@forma3d/kernel';
import { CLOCK, invalidInput } from '@forma3d/platform';
import { Inject, Injectable } from '@nestjs/common';
import { keysOf, MappingBatchRepository, type StoredMapping } from './mapping-batch.repository';
import { MappingNews } from './mapping-news';
import { keyOf, readMappingFile, type MappingFile } from './read-mapping-file';

type Action = Exclude<ImportedLine['action'], 'error'>;

/** What becomes of each mapping of a file, by its key. */
interface ImportPlan {
  actions: Map<string, Action>;
  create: StoredMapping[];
  update: { before: StoredMapping; after: StoredMapping }[];
}

/** Others may create mappings of the file while it is imported; those are updated instead. */
const MOST_ROUNDS = 5;

/** Makes the mappings of a store as a file says: all of them, or none. Mappings that the file does not name stay as they are. */
@Injectable()
export class ImportMappings {
  constructor(
    private readonly db: Database,
    private readonly batches: MappingBatchRepository,
    private readonly news: MappingNews,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Says line by line what an import would do, as the mappings are now. */
  async dryRun(storeId: string, text: string): Promise<ProductMappingImport> {
    const file = await readMappingFile(text);
    const wanted = mappingsOf(file);
    const { actions } = planned(wanted, await this.batches.find(storeId, keysOf(wanted)));
    return report(file, actions, { dry_run: true, applied: false });
  }

  /**
   * The same file once more changes nothing and tells nobody.
   *
   * @throws DomainError `invalid`, with the first lines at fault, when any line has an error: then nothing is changed
   */
  async import(storeId: string, text: string): Promise<ProductMappingImport> {
    const file = await readMappingFile(text);
    const faults = file.lines.flatMap(({ line, errors }) => errors.map(({ path, message }) => ({ path: [`line ${line}`, path], message })));
    if (faults.length > 0) throw invalidInput(faults, 'Nothing was imported, because of these lines. A dry run tells of every line.');
    const actions = await this.db.transaction('product-mappings.import', (tx) => this.save(tx, storeId, mappingsOf(file)));
    return report(file, actions, { dry_run: false, applied: true });
  }

  private async save(tx: Tx, storeId: string, wanted: readonly NewProductMapping[]): Promise<Map<string, Action>> {
    const created: StoredMapping[] = [];
    const now = this.clock.now();
    for (let round = 1; round <= MOST_ROUNDS; round += 1) {
      const ours = new Set(created.map(keyOf));
      const rest = wanted.filter((mapping) => !ours.has(keyOf(mapping)));
      const plan = planned(rest, await this.batches.lock(tx, storeId, keysOf(rest)));
      const written = await this.batches.create(tx, storeId, plan.create, now);
      created.push(...written);
      if (written.length < plan.create.length) continue;
      await this.batches.replace(tx, plan.update.map(({ after }) => after), now);
      const changes = [...created.map((after) => ({ before: null, after })), ...plan.update];
      await this.news.saved(tx, storeId, changes, { imported: true });
      return new Map([...plan.actions, ...created.map((each): [string, Action] => [keyOf(each), 'create'])]);
    }
    throw new DomainError('conflict', 'Somebody else changes the same mappings. Nothing was imported; try again.');
  }
}

const mappingsOf = (file: MappingFile): NewProductMapping[] => [...file.mappings.values()].map(({ mapping }) => mapping);

function planned(wanted: readonly NewProductMapping[], stored: readonly StoredMapping[]): ImportPlan {
  const known = new Map(stored.map((each) => [keyOf(each), each]));
  const plan: ImportPlan = { actions: new Map(), create: [], update: [] };
  for (const mapping of wanted) {
    const before = known.get(keyOf(mapping));
    if (before === undefined) {
      plan.actions.set(keyOf(mapping), 'create');
      plan.create.push({ ...mapping, id: newId() });
    } else if (essence(before) === essence(mapping)) {
      plan.actions.set(keyOf(mapping), 'unchanged');
    } else {
      plan.actions.set(keyOf(mapping), 'update');
      plan.update.push({ before, after: { ...mapping, id: before.id } });
    }
  }
  return plan;
}

/** What a mapping says, as a text that differs when anything does. */
const essence = ({ title, kind, parts }: Pick<NewProductMapping, 'title' | 'kind' | 'parts'>): string =>
  JSON.stringify([
    title,
    kind,
    parts.map((part) => [part.name, part.file_id, part.file_name, part.copies_per_unit, part.pieces_per_print, part.material, part.printer_group, part.tags]),
  ]);

function report(file: MappingFile, actions: ReadonlyMap<string, Action>, how: Pick<ProductMappingImport, 'dry_run' | 'applied'>): ProductMappingImport {
  const broken = new Set(file.lines.filter(({ errors }) => errors.length > 0).map(keyOf));
  const mappings = { create: 0, update: 0, unchanged: 0 };
  for (const [key, action] of actions) if (!broken.has(key)) mappings[action] += 1;
  const lines = file.lines.map((line): ImportedLine => {
    const action = actions.get(keyOf(line));
    if (line.errors.length > 0 || action === undefined) return { ...line, action: 'error' };
    // Its mapping is not known as a whole.
    return { ...line, action: action === 'unchanged' && broken.has(keyOf(line)) ? 'update' : action };
  });
  return { ...how, mappings, lines_with_errors: lines.filter(({ action }) => action === 'error').length, lines };
}
