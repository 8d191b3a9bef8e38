import type { CreateServiceCommandInput, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import type { InferOutput } from 'valibot';
import { describe, expectTypeOf, test } from 'vitest';
import type { serviceSchema } from '../../src/ecs/definitions/schemas/service-schema.js';
import type { taskDefinitionSchema } from '../../src/ecs/definitions/schemas/task-definition-schema.js';

/** Every field of a type with what it holds, down to the last; `undefined` apart, which the SDK adds everywhere. */
type Shape<Type> = unknown extends Type
  ? 'any JSON'
  : Type extends readonly (infer Item)[]
    ? readonly Shape<Exclude<Item, undefined>>[]
    : Type extends { $unknown: [string, unknown] }
      ? never
      : Type extends object
        ? {
            [Key in Exclude<keyof Type, '$unknown'>]-?: {
              optional: Record<never, never> extends Pick<Type, Key> ? true : false;
              value: IsDocument<Type[Key]> extends true ? 'any JSON' : Shape<Exclude<Type[Key], undefined>>;
            };
          }
        : Type;

/** Only JSON of any form takes both. */
type IsDocument<Type> = [number | string[] | null] extends [Type] ? true : false;

/** A new field of ECS shows here, as soon as the SDK knows it. */
describe('The schemas of the definitions', () => {
  test('have the fields of CreateService, except that the name may be missing', () => {
    type Input = Omit<CreateServiceCommandInput, 'serviceName'> & { serviceName?: string };
    type Flat = { [Key in keyof Input]: Input[Key] };

    expectTypeOf<Shape<InferOutput<typeof serviceSchema>>>().toEqualTypeOf<Shape<Flat>>();
  });

  test('have the fields of RegisterTaskDefinition', () => {
    expectTypeOf<Shape<InferOutput<typeof taskDefinitionSchema>>>().toEqualTypeOf<
      Shape<RegisterTaskDefinitionCommandInput>
    >();
  });

  test('are compared down to the last field', () => {
    type One = Shape<{ a?: { b: string }[] | undefined; c: 'x' | 'y' | undefined }>;

    expectTypeOf<One>().toEqualTypeOf<Shape<{ a?: { b: string | undefined }[]; c: 'x' | 'y' }>>();
    expectTypeOf<One>().not.toEqualTypeOf<Shape<{ a?: { b: string; d?: number }[]; c: 'x' | 'y' }>>();
    expectTypeOf<One>().not.toEqualTypeOf<Shape<{ a?: { b?: string }[]; c: 'x' | 'y' }>>();
    expectTypeOf<One>().not.toEqualTypeOf<Shape<{ a: { b: string }[]; c: 'x' | 'y' }>>();
    expectTypeOf<One>().not.toEqualTypeOf<Shape<{ a?: { b: string }[]; c: 'x' }>>();
    expectTypeOf<Shape<{ a: { b: string } | { $unknown: [string, unknown] } }>>().toEqualTypeOf<
      Shape<{ a: { b: string } }>
    >();
  });
});
