/** The routes of the server, to tell an address that does not exist from one that takes another method. */
export class KnownRoutes {
  private readonly routes: { methods: string[]; segments: string[] }[] = [];

  add(route: { method: string | string[]; url: string }): void {
    this.routes.push({ methods: [route.method].flat(), segments: segmentsOf(route.url) });
  }

  /** The methods that an address takes; none when it does not exist. */
  methodsAt(url: string): string[] {
    const asked = segmentsOf(url);
    const methods = this.routes.filter((route) => matches(route.segments, asked)).flatMap((route) => route.methods);
    return [...new Set(methods)].sort();
  }
}

/** A slash too many makes another address, as it does for the router. */
const segmentsOf = (url: string): string[] => (url.split('?', 1)[0] ?? '').split('/').slice(1);

/** A wildcard route answers anything, and so says nothing about what exists. */
function matches(route: string[], asked: string[]): boolean {
  return route.length === asked.length && route.every((segment, index) => segment.startsWith(':') ? asked[index] !== '' : segment === asked[index]);
}
