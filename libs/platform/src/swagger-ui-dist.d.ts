/** The package has no types of its own; this is all that we use of it. Its main file would run the whole page's script here. */
declare module 'swagger-ui-dist/absolute-path.js' {
  /** The folder with the page's script and style. */
  export default function getAbsoluteFSPath(): string;
}
