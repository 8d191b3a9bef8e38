import type { StateValue } from '@aws-sdk/client-cloudwatch';
import { awsError } from '../../cloud/environment.js';

const token = /\s*(ALARM|OK|INSUFFICIENT_DATA|AND|OR|NOT|TRUE|FALSE|"[^"]*"|'[^']*'|[()]|[^\s()"']+)/y;

/** Evaluates the rule of a composite alarm, such as `ALARM("errors") AND NOT ALARM(maintenance)`. */
export function evaluateAlarmRule(rule: string, stateOf: (name: string) => StateValue): boolean {
  const tokens = tokensOf(rule);
  let position = 0;
  const next = () => tokens[position++];
  const take = (wanted: string) => {
    if (tokens[position] !== wanted) return false;
    position += 1;
    return true;
  };
  const expect = (wanted: string) => {
    if (!take(wanted)) throw invalid(rule);
  };
  // The second operand is parsed even when the first one decides the result.
  const either = (): boolean => {
    let value = both();
    while (take('OR')) value = both() || value;
    return value;
  };
  const both = (): boolean => {
    let value = single();
    while (take('AND')) value = single() && value;
    return value;
  };
  const single = (): boolean => {
    if (take('NOT')) return !single();
    if (take('(')) {
      const value = either();
      expect(')');
      return value;
    }
    const word = next();
    if (word === 'TRUE' || word === 'FALSE') return word === 'TRUE';
    if (word !== 'ALARM' && word !== 'OK' && word !== 'INSUFFICIENT_DATA') throw invalid(rule);
    expect('(');
    const name = next();
    if (name === undefined) throw invalid(rule);
    expect(')');
    return stateOf(nameIn(name)) === word;
  };
  const value = either();
  if (position < tokens.length) throw invalid(rule);
  return value;
}

function tokensOf(rule: string): string[] {
  const tokens: string[] = [];
  const trimmed = rule.trimEnd();
  token.lastIndex = 0;
  while (token.lastIndex < trimmed.length) {
    const found = token.exec(trimmed)?.[1];
    if (found === undefined) throw invalid(rule);
    tokens.push(found);
  }
  return tokens;
}

/** A rule names alarms with or without quotation marks, or by ARN. */
function nameIn(text: string): string {
  return text.replace(/^["']|["']$/g, '').replace(/^arn:.*:alarm:/, '');
}

function invalid(rule: string): Error {
  return awsError('ValidationError', `The alarm rule ${rule} is invalid`);
}
