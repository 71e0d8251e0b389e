/** How TypeScript becomes JavaScript, in the build and in the tests alike. */

/** @returns {import('@swc/core').Options} */
export const swcOptions = () => ({
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    keepClassNames: true,
  },
  module: { type: 'commonjs' },
  sourceMaps: true,
  inlineSourcesContent: true,
  swcrc: false,
});
