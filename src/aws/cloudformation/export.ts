/** Exports and who reads them. */
import type {
  ListExportsInput,
  ListExportsOutput,
  ListImportsInput,
  ListImportsOutput,
} from '@aws-sdk/client-cloudformation';
import type { Call } from '../../wire/service.ts';
import { validationError } from './faults.ts';
import { pageFrom } from './page.ts';
import type { CloudFormationRoom } from './ports.ts';
import { exportsOf } from './stack-journal.ts';

export const exportOperations = (room: CloudFormationRoom) => ({
  async ListExports(input: ListExportsInput, call: Call): Promise<ListExportsOutput> {
    const exports = await room.store.read((rows) => exportsOf(rows, call.scope));
    const { items, ...more } = pageFrom(exports, input.NextToken);
    return {
      Exports: items.map(({ name, value, stackId }) => ({
        ExportingStackId: stackId,
        Name: name,
        Value: value,
      })),
      ...more,
    };
  },

  async ListImports(input: ListImportsInput, call: Call): Promise<ListImportsOutput> {
    const exports = await room.store.read((rows) => exportsOf(rows, call.scope));
    const found = exports.find(({ name }) => name === input.ExportName);
    if (found === undefined || found.importedBy.length === 0)
      throw validationError(`Export '${input.ExportName}' is not imported by any stack.`);
    const { items, ...more } = pageFrom(found.importedBy, input.NextToken);
    return { Imports: items, ...more };
  },
});
