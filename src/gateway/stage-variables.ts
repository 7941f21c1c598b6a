/** `${stageVariables.name}` in URIs, ARNs and credentials: known when a stage is compiled. */

const REFERENCE = /\$\{stageVariables\.([A-Za-z0-9_]+)\}/g;

/** A variable that is not there leaves nothing, as AWS does. */
export const withStageVariables = (text: string, variables: Readonly<Record<string, string>>): string =>
  text.includes('${') ? text.replace(REFERENCE, (_whole, name: string) => variables[name] ?? '') : text;
