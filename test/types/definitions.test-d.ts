import type { CreateServiceCommandInput, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import type { InferOutput } from 'valibot';
import { describe, expectTypeOf, test } from 'vitest';
import type { serviceSchema } from '../../src/ecs-rollout/definitions/schemas/service-schema.js';
import type { taskDefinitionSchema } from '../../src/ecs-rollout/definitions/schemas/task-definition-schema.js';

/**
 * Every field of a type in a line of its own, such as `.loadBalancers?[].containerPort?: number`. TypeScript compares
 * such lines one by one; types as they are it takes for equal where they differ only some levels down. `undefined` is
 * left out, which the SDK adds everywhere, and so is its member for what a union may hold one day.
 */
type Lines<Type, Path extends string = ''> = Type extends undefined | { $unknown: [string, unknown] }
  ? never
  : Type extends readonly (infer Item)[]
    ? Lines<Item, `${Path}[]`>
    : Type extends object
      ? string extends keyof Type
        ? Lines<Type[keyof Type], `${Path}{}`>
        : { [Key in Named<Type>]-?: LinesOfField<Type, Key, `${Path}.${Key}`> }[Named<Type>]
      : `${Path}: ${NameOf<Type>}`;

type LinesOfField<Type, Key extends keyof Type, Path extends string> =
  IsDocument<Type[Key]> extends true
    ? `${Path}: any JSON`
    : Lines<Type[Key], Record<never, never> extends Pick<Type, Key> ? `${Path}?` : Path>;

type Named<Type> = Exclude<keyof Type & string, '$unknown'>;

type NameOf<Type> = Type extends string
  ? string extends Type
    ? 'string'
    : `"${Type}"`
  : Type extends number
    ? 'number'
    : Type extends boolean
      ? 'boolean'
      : 'something else';

/** Only JSON of any form takes all of these. */
type IsDocument<Type> = [number | string[] | null] extends [Type] ? true : false;

/** A new field of ECS shows here, as soon as the SDK knows it. */
describe('The schemas of the definitions', () => {
  test('have the fields of CreateService, except that the name may be missing', () => {
    type Ours = Lines<InferOutput<typeof serviceSchema>>;
    type Theirs = Lines<Omit<CreateServiceCommandInput, 'serviceName'> & { serviceName?: string }>;

    expectTypeOf<Exclude<Theirs, Ours>>().toEqualTypeOf<never>();
    expectTypeOf<Exclude<Ours, Theirs>>().toEqualTypeOf<never>();
    expectTypeOf<'.loadBalancers?[].containerPort?: number'>().toExtend<Ours>();
    expectTypeOf<'.serviceConnectConfiguration?.services?[].tls?.issuerCertificateAuthority.awsPcaAuthorityArn?: string'>().toExtend<Ours>();
    expectTypeOf<'.anything?: string'>().not.toExtend<Ours>();
  });

  test('have the fields of RegisterTaskDefinition', () => {
    type Ours = Lines<InferOutput<typeof taskDefinitionSchema>>;
    type Theirs = Lines<RegisterTaskDefinitionCommandInput>;

    expectTypeOf<Exclude<Theirs, Ours>>().toEqualTypeOf<never>();
    expectTypeOf<Exclude<Ours, Theirs>>().toEqualTypeOf<never>();
    expectTypeOf<'.containerDefinitions[].logConfiguration?.options?{}: string'>().toExtend<Ours>();
  });

  test('are compared down to the last field', () => {
    type One = Lines<{ a?: { b: string }[] | undefined; c: 'x' | 'y' | undefined }>;

    expectTypeOf<One>().toEqualTypeOf<'.a?[].b: string' | '.c: "x"' | '.c: "y"'>();
    expectTypeOf<One>().toEqualTypeOf<Lines<{ a?: { b: string | undefined }[]; c: 'x' | 'y' }>>();
    expectTypeOf<
      Lines<{ a: { b: number } | { $unknown: [string, unknown] } }>
    >().toEqualTypeOf<'.a.b: number'>();
  });
});
