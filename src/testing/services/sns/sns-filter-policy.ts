/** The values of a message that a filter policy is matched against, by key; several for an array. */
type Values = ReadonlyMap<string, readonly unknown[]>;

/** Where a filter policy looks. */
export type FilterPolicyScope = 'MessageAttributes' | 'MessageBody';

const maxKeys = 5;
const maxCombinations = 150;
const maxBytes = 256 * 1024;

/** Why SNS refuses a filter policy, or `undefined` when it takes it. */
export function reasonToRefuse(json: string, scope: FilterPolicyScope): string | undefined {
  if (Buffer.byteLength(json) > maxBytes) return 'Filter policy is too large';
  let policy: unknown;
  try {
    policy = JSON.parse(json);
  } catch {
    return 'failed to parse JSON';
  }
  if (!isRecord(policy)) return 'Filter is not an object';
  if (Object.keys(policy).length > maxKeys) return `Filter policy can not have more than ${maxKeys} keys`;
  return reasonInKeys(policy, scope) ?? (isTooComplex(policy) ? 'Filter policy is too complex' : undefined);
}

/** Whether a message passes a filter policy: every key has to match, each by one of its conditions. */
export function matches(
  json: string,
  scope: FilterPolicyScope,
  message: { body: string; attributes: Readonly<Record<string, unknown>> },
): boolean {
  const values = scope === 'MessageBody' ? valuesOfBody(message.body) : valuesOf(message.attributes);
  if (values === undefined) return false;
  return conditionsOf(JSON.parse(json)).every(([path, conditions]) =>
    conditions.some((condition) => isMet(condition, values.get(path) ?? [])),
  );
}

function reasonInKeys(policy: Record<string, unknown>, scope: FilterPolicyScope): string | undefined {
  for (const [key, value] of Object.entries(policy)) {
    if (key === '$or') throw new TypeError('SimulatedSns does not simulate $or in filter policies');
    if (isRecord(value)) {
      if (scope !== 'MessageBody')
        return 'Filter policy scope MessageAttributes does not support nested filter policy';
      const reason = reasonInKeys(value, scope);
      if (reason !== undefined) return reason;
    } else if (!Array.isArray(value)) {
      return `"${key}" must be an object or an array`;
    } else if (value.length === 0) {
      return 'Empty arrays are not allowed';
    } else {
      value.forEach(requireSimulated);
    }
  }
  return undefined;
}

/** A condition that is not simulated is refused loudly, because a wrong match would make a test worthless. */
function requireSimulated(condition: unknown): void {
  isMet(condition, ['a value']);
}

/** The product of the numbers of values, each times the depth of its key. */
function isTooComplex(policy: Record<string, unknown>): boolean {
  return combinations(policy, 1) > maxCombinations;
}

function combinations(policy: Record<string, unknown>, depth: number): number {
  return Object.values(policy).reduce<number>((product, value) => {
    if (isRecord(value)) return product * combinations(value, depth + 1);
    return Array.isArray(value) ? product * value.length * depth : product;
  }, 1);
}

/** The lists of conditions, by path. */
function conditionsOf(
  policy: Record<string, unknown>,
  parents: readonly string[] = [],
): [string, unknown[]][] {
  return Object.entries(policy).flatMap(([key, value]): [string, unknown[]][] => {
    const path = [...parents, key];
    return isRecord(value) ? conditionsOf(value, path) : [[path.join('.'), [value].flat()]];
  });
}

/** Body policies match nothing but JSON objects. */
function valuesOfBody(body: string): Values | undefined {
  try {
    const message: unknown = JSON.parse(body);
    return isRecord(message) ? valuesOf(message) : undefined;
  } catch {
    return undefined;
  }
}

function valuesOf(message: Readonly<Record<string, unknown>>): Values {
  const values = new Map<string, unknown[]>();
  const collect = (path: readonly string[], value: unknown): void => {
    if (Array.isArray(value)) {
      for (const item of value) collect(path, item);
    } else if (isRecord(value)) {
      for (const [key, nested] of Object.entries(value)) collect([...path, key], nested);
    } else {
      const key = path.join('.');
      values.set(key, [...(values.get(key) ?? []), value]);
    }
  };
  collect([], message);
  return values;
}

function isMet(condition: unknown, values: readonly unknown[]): boolean {
  if (!isRecord(condition)) return values.includes(condition);
  const [operator, operand] = Object.entries(condition)[0] ?? [];
  if (operator === 'exists') return operand === values.length > 0;
  return values.some((value) => satisfies(operator, operand, value));
}

function satisfies(operator: string | undefined, operand: unknown, value: unknown): boolean {
  if (operator === 'prefix') return typeof value === 'string' && value.startsWith(String(operand));
  if (operator === 'suffix') return typeof value === 'string' && value.endsWith(String(operand));
  if (operator === 'anything-but' && !isRecord(operand)) return ![operand].flat().includes(value);
  if (operator === 'numeric' && Array.isArray(operand)) return isInRange(operand, value);
  throw new TypeError(
    `SimulatedSns does not simulate the filter policy condition ${JSON.stringify({ [String(operator)]: operand })}`,
  );
}

/** `['>=', 1, '<', 5]`. */
function isInRange(range: readonly unknown[], value: unknown): boolean {
  const number = Number(value);
  return range.every((operator, index) => {
    if (index % 2 === 1) return true;
    const bound = Number(range[index + 1]);
    if (operator === '=') return number === bound;
    if (operator === '<') return number < bound;
    if (operator === '<=') return number <= bound;
    if (operator === '>') return number > bound;
    if (operator === '>=') return number >= bound;
    throw new TypeError(`SimulatedSns does not simulate the numeric condition ${String(operator)}`);
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
