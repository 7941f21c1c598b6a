/** Sets of regular expressions that rules refer to. */
import type {
  CreateRegexPatternSetRequest,
  DeleteRegexPatternSetRequest,
  GetRegexPatternSetRequest,
  ListRegexPatternSetsRequest,
  Regex,
  UpdateRegexPatternSetRequest,
} from '@aws-sdk/client-wafv2';
import { limits } from '../../base/limits.ts';
import type { Call } from '../../wire/service.ts';
import { overLimit } from './fault.ts';
import { change, insert, need, newRow, pageOf, remove, summary } from './named.ts';
import { checkPattern } from './patterns.ts';
import type { WafPorts } from './ports.ts';
import { refuseReferred } from './references.ts';
import { type RegexSetRow, regexSets } from './rows.ts';

export const regexPatternSetOperations = ({ store }: WafPorts) => ({
  CreateRegexPatternSet: async (input: CreateRegexPatternSetRequest, { scope }: Call) => {
    const row: RegexSetRow = {
      ...newRow('regexpatternset', scope, input),
      patterns: checkedPatterns(input.RegularExpressionList),
    };
    await store.transaction((rows) => insert(rows, regexSets, scope, row));
    return { Summary: summary(row) };
  },

  GetRegexPatternSet: async (input: GetRegexPatternSetRequest, { scope }: Call) => {
    const row = await need(store, regexSets, scope, input);
    return {
      RegexPatternSet: {
        Name: row.name,
        Id: row.id,
        ARN: row.arn,
        Description: row.description,
        RegularExpressionList: row.patterns.map((RegexString) => ({ RegexString })),
      },
      LockToken: row.lockToken,
    };
  },

  UpdateRegexPatternSet: async (input: UpdateRegexPatternSetRequest, { scope }: Call) => ({
    NextLockToken: await store.transaction((rows) =>
      change(rows, regexSets, scope, input, ({ description: _, ...row }) => ({
        ...row,
        ...(input.Description !== undefined && { description: input.Description }),
        patterns: checkedPatterns(input.RegularExpressionList),
      })),
    ),
  }),

  DeleteRegexPatternSet: async (input: DeleteRegexPatternSetRequest, { scope }: Call) => {
    await store.transaction(async (rows) => {
      const { arn } = await remove(rows, regexSets, scope, input);
      await refuseReferred(rows, scope, arn);
    });
    return {};
  },

  ListRegexPatternSets: async (input: ListRegexPatternSetsRequest, { scope }: Call) => {
    const { items, ...more } = await pageOf(store, regexSets, scope, input);
    return { ...more, RegexPatternSets: items.map(summary) };
  },
});

function checkedPatterns(list: readonly Regex[] | undefined): string[] {
  const patterns = (list ?? []).map(({ RegexString = '' }) => RegexString);
  if (patterns.length > limits.wafPatterns) throw overLimit('patterns of a regex pattern set');
  for (const pattern of patterns) checkPattern(pattern, 'REGEX_PATTERN');
  return patterns;
}
