/** The SDK clients ship their schema files without types; `schema.ts` reads them. */
declare module '@aws-sdk/*/dist-es/schemas/schemas_0.js';
