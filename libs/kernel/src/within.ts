/** Settles as `work` does, or rejects when that takes longer. What runs is not stopped by it. */
export function within<T>(ms: number, work: Promise<T>, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => { reject(new Error(`${what} took longer than ${String(ms)} ms`)); }, ms);
    work.then(resolve, reject).finally(() => { clearTimeout(timer); });
  });
}
