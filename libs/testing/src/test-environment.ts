import type { JestEnvironmentConfig, EnvironmentContext } from '@jest/environment';
import { TestEnvironment } from 'jest-environment-node';
import { CoverageNews, type FileCounters } from './coverage-news';

/** One for all test files that this process runs: Jest loads environments once. */
const news = new CoverageNews();

/** Jest's environment of Node, which tells of a test file's coverage only what is new. */
export default class NodeTestEnvironment extends TestEnvironment {
  /** A process that watches runs the same tests again, and each run's coverage stands for itself. */
  private readonly watches: boolean;

  constructor(config: JestEnvironmentConfig, context: EnvironmentContext) {
    super(config, context);
    this.watches = config.globalConfig.watch || config.globalConfig.watchAll;
  }

  /** Jest's own events: at the end of the run it has not yet taken the coverage. */
  handleTestEvent(event: { name: string }): void {
    const coverage = this.global['__coverage__'] as Record<string, FileCounters> | undefined;
    if (event.name === 'run_finish' && coverage && !this.watches) news.keep(coverage);
  }
}
