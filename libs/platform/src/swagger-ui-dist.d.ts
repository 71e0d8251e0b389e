/** The package has no types of its own; this is all that we use of it. */
declare module 'swagger-ui-dist' {
  /** The folder with the page's script and style. */
  export function getAbsoluteFSPath(): string;
}
