import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const folder = '.github/ISSUE_TEMPLATE';
const forms = readdirSync(folder).filter((name) => name !== 'config.yml');
const contentOf = (name: string): unknown => parse(readFileSync(join(folder, name), 'utf8'));

const text = v.pipe(v.string(), v.minLength(1));
const distinct = <Item>(items: readonly Item[]) => new Set(items).size === items.length;
const texts = v.pipe(v.array(text), v.minLength(1), v.check(distinct, 'has an entry twice'));

const id = v.pipe(v.string(), v.regex(/^[a-zA-Z0-9_-]+$/));
const validations = v.optional(v.strictObject({ required: v.optional(v.boolean()) }));
const described = { label: text, description: v.optional(v.string()) };
const input = { ...described, placeholder: v.optional(v.string()), value: v.optional(v.string()) };

/**
 * The schema of GitHub's issue forms.
 *
 * @see https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-githubs-form-schema
 */
const element = v.variant('type', [
  v.strictObject({ type: v.literal('markdown'), attributes: v.strictObject({ value: text }) }),
  v.strictObject({
    type: v.literal('textarea'),
    id: v.optional(id),
    attributes: v.strictObject({ ...input, render: v.optional(v.string()) }),
    validations,
  }),
  v.strictObject({
    type: v.literal('input'),
    id: v.optional(id),
    attributes: v.strictObject(input),
    validations,
  }),
  v.strictObject({
    type: v.literal('dropdown'),
    id: v.optional(id),
    attributes: v.strictObject({
      ...described,
      multiple: v.optional(v.boolean()),
      options: texts,
      default: v.optional(v.number()),
    }),
    validations,
  }),
  v.strictObject({
    type: v.literal('checkboxes'),
    id: v.optional(id),
    attributes: v.strictObject({
      ...described,
      options: v.array(v.strictObject({ label: text, required: v.optional(v.boolean()) })),
    }),
    validations,
  }),
]);

type Element = v.InferOutput<typeof element>;

const idsOf = (body: readonly Element[]) => body.flatMap((it) => ('id' in it && it.id ? [it.id] : []));
const labelsOf = (body: readonly Element[]) =>
  body.flatMap((it) => (it.type === 'markdown' ? [] : [it.attributes.label]));

const form = v.strictObject({
  name: text,
  description: text,
  title: v.optional(text),
  labels: v.optional(texts),
  assignees: v.optional(texts),
  projects: v.optional(texts),
  type: v.optional(text),
  body: v.pipe(
    v.array(element),
    v.check((body) => distinct(idsOf(body)), 'has an ID twice'),
    v.check((body) => distinct(labelsOf(body)), 'has a label twice'),
    v.check((body) => labelsOf(body).length > 0, 'has no field'),
  ),
});

const config = v.strictObject({
  blank_issues_enabled: v.optional(v.boolean()),
  contact_links: v.optional(v.array(v.strictObject({ name: text, url: v.pipe(text, v.url()), about: text }))),
});

const problemsOf = (schema: v.GenericSchema, value: unknown) =>
  (v.safeParse(schema, value).issues ?? []).map((it) => `${v.getDotPath(it)}: ${it.message}`);

describe('the issue forms', () => {
  test.each(forms)('follow the schema of GitHub: %s', (name) => {
    expect(name).toMatch(/\.yml$/);
    expect(problemsOf(form, contentOf(name))).toEqual([]);
  });

  test('follow the schema of GitHub: config.yml', () => {
    expect(problemsOf(config, contentOf('config.yml'))).toEqual([]);
  });

  test('have different names', () => {
    const names = forms.map((name) => v.parse(form, contentOf(name)).name);

    expect(distinct(names)).toBe(true);
  });

  test('ask for the file of renderReport, in a field that takes attachments, and for the state as JSON', () => {
    const { body } = v.parse(form, contentOf('bug.yml'));
    const fields = body.filter((it) => it.type === 'textarea');
    const report = fields.find(({ attributes }) => attributes.description?.includes('`renderReport`'));
    const state = fields.find(({ attributes }) => attributes.render === 'json');

    // GitHub allows no attachment in a field that is rendered as code.
    expect(report?.attributes).not.toHaveProperty('render');
    expect(state?.attributes.label).toContain('State');
  });

  test.each([
    [{ description: 'x', body: [] }, 'name'],
    [{ name: 'x', description: 'x', body: [{ type: 'textarea', attributes: {} }] }, 'label'],
    [
      { name: 'x', description: 'x', body: [{ type: 'input', attributes: { label: 'x', render: 'text' } }] },
      'render',
    ],
    [{ name: 'x', description: 'x', body: [{ type: 'markdown', attributes: { value: 'x' } }] }, 'no field'],
  ])('are refused with a mistake: %j', (value, problem) => {
    expect(problemsOf(form, value).join()).toContain(problem);
  });
});
