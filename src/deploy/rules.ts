/** Step 7: the Rules section: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html */
import type { Environment } from './environment.ts';
import { conditionValue } from './intrinsics.ts';
import { invalid } from './invalid.ts';
import { isObject, type Template } from './template.ts';

export function checkRules(template: Template, environment: Environment): void {
  for (const [name, rule] of Object.entries(template.Rules ?? {})) {
    const condition = rule.RuleCondition;
    if (condition !== undefined && !conditionValue(condition, environment)) continue;
    if (!Array.isArray(rule.Assertions))
      throw invalid(`Template format error: Rule ${name} must have a list of Assertions.`);
    for (const assertion of rule.Assertions) {
      if (!isObject(assertion) || assertion.Assert === undefined)
        throw invalid(`Template format error: every assertion of rule ${name} must have an Assert.`);
      if (conditionValue(assertion.Assert, environment)) continue;
      const described = assertion.AssertDescription;
      throw invalid(
        `Template error: Rule ${name} failed${described === undefined ? '' : `: ${String(described)}`}`,
      );
    }
  }
}
