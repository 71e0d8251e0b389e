import { CoverageNews, type FileCounters } from './coverage-news';

const counters = (counts: Partial<FileCounters>): FileCounters => ({ s: {}, f: {}, b: {}, ...counts });

describe('coverage of a test file', () => {
  let news: CoverageNews;
  const kept = (coverage: Record<string, FileCounters>): string[] => {
    news.keep(coverage);
    return Object.keys(coverage);
  };
  beforeEach(() => {
    news = new CoverageNews();
  });

  it('is told the first time, also when nothing is covered', () => {
    expect(kept({ 'a.ts': counters({ s: { 0: 3 } }), 'b.ts': counters({ s: { 0: 0 } }) })).toEqual(['a.ts', 'b.ts']);
  });

  it('is not told again when others covered all of it before, however often', () => {
    news.keep({ 'a.ts': counters({ s: { 0: 1, 1: 0 }, f: { 0: 1 }, b: { 0: [1, 0] } }) });
    expect(kept({ 'a.ts': counters({ s: { 0: 9, 1: 0 }, f: { 0: 9 }, b: { 0: [9, 0] } }) })).toEqual([]);
    expect(kept({ 'a.ts': counters({ s: { 0: 0, 1: 0 }, f: { 0: 0 }, b: { 0: [0, 0] } }) })).toEqual([]);
  });

  it.each<[string, Partial<FileCounters>]>([
    ['statement', { s: { 0: 1, 1: 1 } }],
    ['function', { f: { 1: 1 } }],
    ['way of a branch', { b: { 0: [0, 1] } }],
  ])('is told whole when it covers a %s that nobody did, once', (_what, more) => {
    news.keep({ 'a.ts': counters({ s: { 0: 1, 1: 0 }, f: { 0: 1, 1: 0 }, b: { 0: [1, 0] } }) });
    const coverage = { 'a.ts': counters(more), 'other.ts': counters({}) };
    expect(kept(coverage)).toEqual(['a.ts', 'other.ts']);
    expect(coverage['a.ts']).toEqual(counters(more));
    expect(kept({ 'a.ts': counters(more) })).toEqual([]);
  });
});
